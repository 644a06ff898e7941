namespace RpcGen.Generators.Model;

/// <summary>What a generated validator checks.</summary>
internal enum ValidatorKind
{
    Object,
    Collection,
    Dictionary,
}

/// <summary>A method that checks the values inside values of one type.</summary>
internal sealed record ValidatorModel
{
    public required string MethodName { get; init; }

    public required string Type { get; init; }

    public required ValidatorKind Kind { get; init; }

    /// <summary>The checks of an object's members.</summary>
    public EquatableArray<ValueCheckModel> Members { get; init; }

    /// <summary>The derived types that JSON distinguishes, each before its base type.</summary>
    public EquatableArray<DerivedTypeModel> DerivedTypes { get; init; }

    /// <summary>The fields with the attributes of the type itself.</summary>
    public EquatableArray<string> Attributes { get; init; }

    /// <summary>Whether the type implements <c>IValidatableObject</c>.</summary>
    public bool ChecksItself { get; init; }

    /// <summary>The type's name in messages, as an expression.</summary>
    public string DisplayName { get; init; } = "\"\"";

    /// <summary>The JSON names of members, for validation results that name members.</summary>
    public EquatableArray<MemberNameModel> MemberNames { get; init; }

    /// <summary>Whether null is a valid element.</summary>
    public bool ElementAllowsNull { get; init; }

    /// <summary>Whether the type of the elements is a <c>Nullable&lt;T&gt;</c>.</summary>
    public bool ElementIsNullableValue { get; init; }

    /// <summary>Whether null elements are invalid.</summary>
    public bool ElementRefusesNull { get; init; }

    /// <summary>The method that checks elements; null if elements are only checked for null.</summary>
    public string? ElementValidator { get; init; }

    /// <summary>Whether the type is <c>ImmutableArray</c>, whose default value throws when enumerated.</summary>
    public bool IsImmutableArray { get; init; }

    /// <summary>
    /// The collection type that a sequence must have to be checked, because enumerating any other could consume it. Null if every
    /// value can be enumerated.
    /// </summary>
    public string? OnlyIf { get; init; }
}

/// <summary>A derived type, and the method that checks it.</summary>
internal sealed record DerivedTypeModel(string Type, string Validator);

/// <summary>A member's names in C# and in JSON.</summary>
internal sealed record MemberNameModel(string Name, string JsonName);

/// <summary>A static field of the generated validators.</summary>
internal sealed record ValidationFieldModel(string Name, string Type, string Expression);
