
namespace RpcGen.Generators.Model;

/// <summary>The checks of one value: a parameter or a member.</summary>
internal sealed record ValueCheckModel
{
    /// <summary>The value's identifier in C#, as a member of its owner.</summary>
    public required string Name { get; init; }

    public required string JsonName { get; init; }

    /// <summary>Whether null is valid.</summary>
    public required bool AllowsNull { get; init; }

    /// <summary>Whether the type is a <c>Nullable&lt;T&gt;</c>.</summary>
    public required bool IsNullableValue { get; init; }

    /// <summary>The check that precedes all others; null if null is valid.</summary>
    public GuardModel? Guard { get; init; }

    /// <summary>The attributes that became conditions in code.</summary>
    public EquatableArray<RuleModel> Rules { get; init; }

    /// <summary>The attributes that are called, also for null.</summary>
    public EquatableArray<AttributeCheckModel> Attributes { get; init; }

    /// <summary>The method that checks the values inside; null if they have no checks.</summary>
    public string? Validator { get; init; }

    /// <summary>Whether the value has any checks.</summary>
    public bool HasChecks => Guard is not null || Rules.Count > 0 || Attributes.Count > 0 || Validator is not null;
}

/// <summary>The check for null and, with <c>[Required]</c>, for empty strings.</summary>
/// <param name="Condition">True if the value is invalid. <see cref="RuleModel.Value"/> stands for the value.</param>
/// <param name="Message">The message as an expression; null for the general message about null.</param>
internal sealed record GuardModel(string Condition, string? Message);

/// <summary>An attribute that became a condition in code.</summary>
/// <param name="Condition">
/// True if the value is invalid. <see cref="Value"/>, <see cref="Owner"/> and <see cref="Fields"/> are placeholders.
/// </param>
/// <param name="Message">The message as an expression.</param>
internal sealed record RuleModel(string Condition, string Message)
{
    /// <summary>Placeholder for the value.</summary>
    public const string Value = "{value}";

    /// <summary>Placeholder for the object that owns the value.</summary>
    public const string Owner = "{owner}";

    /// <summary>Placeholder for the qualifier of a static field's name.</summary>
    public const string Fields = "{fields}";
}

/// <summary>An attribute that generated code calls.</summary>
/// <param name="Field">The field that holds the attribute.</param>
/// <param name="NeedsContext">Whether the attribute can ask for the object that it validates: true for attributes of the application.</param>
/// <param name="Name">The value's name in C#.</param>
/// <param name="DisplayName">The value's name in messages, as an expression.</param>
internal sealed record AttributeCheckModel(string Field, bool NeedsContext, string Name, string DisplayName);
