namespace RpcGen.Generators.Model;

/// <summary>One remote method.</summary>
internal sealed record MethodModel
{
    /// <summary>Its identifier in C#.</summary>
    public required string Name { get; init; }

    /// <summary>Its name on the wire.</summary>
    public required string WireName { get; init; }

    /// <summary>What the proxy implements: the method itself first, then those of base interfaces that it hides.</summary>
    public required EquatableArray<ImplementationModel> Implementations { get; init; }

    /// <summary>Whether the service is asked for it as the contract, rather than as the base that declares it.</summary>
    public required bool IsCalledDirectly { get; init; }

    /// <summary>The nested class that describes it: <c>FibonacciMethod</c>.</summary>
    public required string ClassName { get; init; }

    /// <summary>The proxy's field for it: <c>_fibonacci</c>.</summary>
    public required string FieldName { get; init; }

    /// <summary>What C# says it returns: <c>global::System.Threading.Tasks.Task&lt;long&gt;</c>.</summary>
    public required string ReturnType { get; init; }

    /// <summary>What arrives: <c>long</c>; null where nothing does.</summary>
    public required string? ResultType { get; init; }

    /// <summary>Whether it returns <c>Task</c> rather than <c>ValueTask</c>.</summary>
    public required bool ReturnsTask { get; init; }

    /// <summary>All parameters, the token among them.</summary>
    public required EquatableArray<ParameterModel> Parameters { get; init; }

    public int? TimeoutMilliseconds { get; init; }

    /// <summary>How its requests travel, and who may call it.</summary>
    public DeliveryModel Delivery { get; init; } = DeliveryModel.Default;

    public bool IsObsolete { get; init; }

    /// <summary>Class names of its faults, the most derived exception first.</summary>
    public EquatableArray<string> Faults { get; init; }

    /// <summary>The parameters that travel.</summary>
    public IEnumerable<ParameterModel> Arguments => Parameters.Where(p => !p.IsToken);

    public ParameterModel? Token => Parameters.FirstOrDefault(p => p.IsToken);
}

/// <summary>A method as one interface declares it.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="ReturnType">What it returns there, with that interface's nullable annotations.</param>
/// <param name="ParameterTypes">The types of all parameters there.</param>
internal sealed record ImplementationModel(string Interface, string ReturnType, EquatableArray<string> ParameterTypes);

/// <summary>One parameter of a remote method.</summary>
internal sealed record ParameterModel
{
    /// <summary>Its identifier in C#, escaped where it is a keyword.</summary>
    public required string Name { get; init; }

    /// <summary>Its name on the wire.</summary>
    public required string WireName { get; init; }

    /// <summary>Its type with nullable annotations.</summary>
    public required string Type { get; init; }

    public required bool IsToken { get; init; }

    public required bool IsParams { get; init; }

    /// <summary>Its name in the tuple of arguments: its own unless a tuple can't have that.</summary>
    public required string ElementName { get; init; }

    /// <summary>What it is called where generated code has it in a parameter or local: its name unless that is taken.</summary>
    public required string LocalName { get; init; }

    /// <summary>The field for its name and metadata in JSON: <c>_n</c>.</summary>
    public required string PropertyName { get; init; }

    /// <summary>Its default value as an expression; null where it has none.</summary>
    public string? DefaultValue { get; init; }

    /// <summary>How its values are checked.</summary>
    public required ValueCheckModel Check { get; init; }
}
