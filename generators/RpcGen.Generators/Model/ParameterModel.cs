namespace RpcGen.Generators.Model;

/// <summary>A parameter of a remote method.</summary>
internal sealed record ParameterModel
{
    /// <summary>The parameter's identifier in C#, escaped if it is a keyword.</summary>
    public required string Name { get; init; }

    /// <summary>The parameter's name on the wire.</summary>
    public required string WireName { get; init; }

    /// <summary>The type, with nullable annotations.</summary>
    public required string Type { get; init; }

    public required bool IsToken { get; init; }

    public required bool IsParams { get; init; }

    /// <summary>The name of the element in the tuple of arguments. Differs from <see cref="Name"/> if tuples reserve that name.</summary>
    public required string ElementName { get; init; }

    /// <summary>The name of parameters and locals for it in generated code. Differs from <see cref="Name"/> if that is taken.</summary>
    public required string LocalName { get; init; }

    /// <summary>The field with the parameter's JSON name and metadata: <c>_n</c>.</summary>
    public required string FieldName { get; init; }

    /// <summary>The default value as an expression; null for a required parameter.</summary>
    public string? DefaultValue { get; init; }

    /// <summary>The default value as a constant; null without one, and for values of which C# has no constants.</summary>
    public string? Constant { get; init; }

    /// <summary>The stream that the parameter is; null for a value.</summary>
    public StreamModel? Stream { get; init; }

    /// <summary>The stream of bytes that the parameter is; null for a value.</summary>
    public StreamModel? Bytes { get; init; }

    /// <summary>The progress that the parameter takes; null for a value.</summary>
    public StreamModel? Progress { get; init; }

    /// <summary>Whether the type is annotated as nullable.</summary>
    public bool IsNullable { get; init; }

    /// <summary>The checks of the argument.</summary>
    public required ValueCheckModel Check { get; init; }
}
