namespace RpcGen.Generators.Model;

/// <summary>How one value, a parameter or a member, is checked.</summary>
internal sealed record ValueCheckModel
{
    /// <summary>Its identifier in C#, by which its owner has it.</summary>
    public required string Name { get; init; }

    public required string JsonName { get; init; }

    /// <summary>Whether null will do.</summary>
    public required bool AllowsNull { get; init; }

    /// <summary>Whether it is a value type with <c>?</c>.</summary>
    public required bool IsNullableValue { get; init; }

    /// <summary>What must hold before anything else is checked; null where null will do.</summary>
    public GuardModel? Guard { get; init; }

    /// <summary>Rules lowered to code.</summary>
    public EquatableArray<RuleModel> Rules { get; init; }

    /// <summary>Attributes that check the value themselves, null too.</summary>
    public EquatableArray<AttributeCheckModel> Attributes { get; init; }

    /// <summary>The method that checks what is in it; null where nothing is to be checked.</summary>
    public string? Validator { get; init; }

    /// <summary>Whether anything is to be checked.</summary>
    public bool HasChecks => Guard is not null || Rules.Count > 0 || Attributes.Count > 0 || Validator is not null;
}

/// <summary>The check for null, and with <c>[Required]</c> for emptiness.</summary>
/// <param name="Condition">True where the value fails, with <see cref="RuleModel.Value"/> in its place.</param>
/// <param name="Message">An expression; null for the general message on null.</param>
internal sealed record GuardModel(string Condition, string? Message);

/// <summary>A rule lowered to code.</summary>
/// <param name="Condition">True where the value breaks it, with <see cref="Value"/>, <see cref="Owner"/> and <see cref="Fields"/> in their place.</param>
/// <param name="Message">An expression.</param>
internal sealed record RuleModel(string Condition, string Message)
{
    public const string Value = "{value}";
    public const string Owner = "{owner}";

    /// <summary>Before the name of a field.</summary>
    public const string Fields = "{fields}";
}

/// <summary>A check that an attribute makes itself.</summary>
/// <param name="Field">The field that holds the attribute.</param>
/// <param name="NeedsContext">Whether it may ask for the object that it is about: every attribute that is not the framework's.</param>
/// <param name="Name">The name in C#.</param>
/// <param name="DisplayName">An expression.</param>
internal sealed record AttributeCheckModel(string Field, bool NeedsContext, string Name, string DisplayName);

/// <summary>An attribute kept in a field.</summary>
internal sealed record AttributeFieldModel(string Name, string Type, string Expression);

/// <summary>What a method of the generated validators walks.</summary>
internal enum ValidatorKind
{
    Object,
    Collection,
    Dictionary,
}

/// <summary>A method that checks what is in values of one type.</summary>
internal sealed record ValidatorModel
{
    public required string MethodName { get; init; }

    public required string Type { get; init; }

    public required ValidatorKind Kind { get; init; }

    /// <summary>An object's members.</summary>
    public EquatableArray<ValueCheckModel> Members { get; init; }

    /// <summary>Subtypes that JSON tells apart, a derived one before its base.</summary>
    public EquatableArray<DerivedTypeModel> DerivedTypes { get; init; }

    /// <summary>Fields of the attributes of the type itself.</summary>
    public EquatableArray<string> Attributes { get; init; }

    /// <summary>Whether it is an <c>IValidatableObject</c>.</summary>
    public bool ChecksItself { get; init; }

    /// <summary>The type's name in messages, an expression.</summary>
    public string DisplayName { get; init; } = "\"\"";

    /// <summary>What its members are called, for results that name them.</summary>
    public EquatableArray<MemberNameModel> MemberNames { get; init; }

    /// <summary>Whether elements may be null.</summary>
    public bool ElementAllowsNull { get; init; }

    /// <summary>Whether elements are of a value type with <c>?</c>.</summary>
    public bool ElementIsNullableValue { get; init; }

    /// <summary>Whether elements must not be null.</summary>
    public bool ElementRefusesNull { get; init; }

    /// <summary>The method that checks elements; null where only null is checked.</summary>
    public string? ElementValidator { get; init; }

    /// <summary>Whether it is an <c>ImmutableArray</c>, which can't be walked when it was never set.</summary>
    public bool IsImmutableArray { get; init; }

    /// <summary>The collection that a sequence must be to be walked, since walking a lazy one would use it up; else null.</summary>
    public string? OnlyIf { get; init; }
}

/// <summary>A subtype, and the method that checks it.</summary>
internal sealed record DerivedTypeModel(string Type, string Validator);

/// <summary>What a member is called in C# and in JSON.</summary>
internal sealed record MemberNameModel(string Name, string JsonName);
