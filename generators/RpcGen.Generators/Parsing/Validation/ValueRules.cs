using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>A value with attributes: a parameter or a member.</summary>
/// <param name="Name">Its name in C#.</param>
/// <param name="JsonName">Its name in JSON.</param>
/// <param name="Type">Its type.</param>
/// <param name="Attributes">Its attributes, inherited ones and those of a record's parameter among them.</param>
/// <param name="Owner">The type that has it; null for a parameter.</param>
internal sealed record CheckedValue(string Name, string JsonName, ITypeSymbol Type, IReadOnlyList<AttributeData> Attributes, INamedTypeSymbol? Owner);

/// <summary>Turns the validation attributes of a value into rules.</summary>
internal sealed class ValueRules
{
    private const string Annotations = "System.ComponentModel.DataAnnotations";

    private readonly CheckedValue _value;
    private readonly ITypeSymbol _type;
    private readonly StaticFields _fields;
    private readonly Func<AttributeData, bool> _isReachable;
    private readonly Action<DiagnosticDescriptor, AttributeData, string> _report;
    private string? _displayName;
    private readonly bool _allowsNull;
    private readonly List<RuleModel> _rules = [];
    private readonly List<AttributeCheckModel> _attributes = [];
    private GuardModel? _guard;

    private ValueRules(CheckedValue value, StaticFields fields, Func<AttributeData, bool> isReachable, Action<DiagnosticDescriptor, AttributeData, string> report)
    {
        _value = value;
        _type = Nullables.Underlying(value.Type);
        _allowsNull = Nullables.HasNull(value.Type) && !Nullables.RefusesNull(value.Type, value.Attributes);
        _fields = fields;
        _isReachable = isReachable;
        _report = report;
    }

    /// <summary>The rules, without what its type asks for.</summary>
    /// <param name="value">The value.</param>
    /// <param name="fields">Where attributes are kept.</param>
    /// <param name="isReachable">Whether generated code can name an attribute.</param>
    /// <param name="report">Takes what is wrong with an attribute.</param>
    public static ValueCheckModel Parse(
        CheckedValue value, StaticFields fields, Func<AttributeData, bool> isReachable, Action<DiagnosticDescriptor, AttributeData, string> report)
    {
        var rules = new ValueRules(value, fields, isReachable, report);
        if (Nullables.HasNull(value.Type) && !rules._allowsNull)
        {
            rules._guard = new GuardModel($"{RuleModel.Value} is null", Message: null);
        }

        foreach (AttributeData attribute in value.Attributes)
        {
            if (!IsValidation(attribute.AttributeClass))
            {
                continue;
            }

            if (isReachable(attribute))
            {
                rules.Add(attribute);
            }
            else
            {
                report(Rules.ValidationOutOfReach, attribute, $"generated code can't reach '{attribute.AttributeClass!.Name}', its constructor or what its arguments name");
            }
        }

        return new ValueCheckModel
        {
            Name = CSharpText.Identifier(value.Name),
            JsonName = value.JsonName,
            AllowsNull = rules._allowsNull,
            IsNullableValue = Nullables.IsNullableValue(value.Type),
            Guard = rules._guard,
            Rules = rules._rules.ToEquatableArray(),
            Attributes = rules._attributes.ToEquatableArray(),
        };
    }

    public static bool IsValidation(ITypeSymbol? attribute) => KnownTypes.IsOrDerives(attribute, Annotations, "ValidationAttribute");

    private string DisplayName => _displayName ??= MessageText.DisplayName(_value.Attributes.Where(_isReachable), _value.JsonName);

    private void Add(AttributeData attribute)
    {
        string name = KnownTypes.Is(attribute.AttributeClass, Annotations, attribute.AttributeClass!.MetadataName) ? attribute.AttributeClass.MetadataName : "";
        string? obstacle = name switch
        {
            "DataTypeAttribute" => null,
            "RequiredAttribute" => Required(attribute),
            "RangeAttribute" => RangeRule.Parse(attribute, _type, _allowsNull, DisplayName, _fields, _rules),
            "StringLengthAttribute" => StringLength(attribute),
            "MinLengthAttribute" => Length(attribute, KnownTypes.Argument<int>(attribute), null, "The field {0} must be a string or array type with a minimum length of '{1}'."),
            "MaxLengthAttribute" when attribute.ConstructorArguments.IsEmpty => null,
            "MaxLengthAttribute" => Length(attribute, null, KnownTypes.Argument<int>(attribute), "The field {0} must be a string or array type with a maximum length of '{1}'."),
            "LengthAttribute" => Length(
                attribute, KnownTypes.Argument<int>(attribute), attribute.ConstructorArguments[1].Value as int?,
                "The field {0} must be a string or collection type with a minimum length of '{1}' and maximum length of '{2}'."),
            "CompareAttribute" => Compare(attribute),
            "EmailAddressAttribute" or "PhoneAttribute" or "CreditCardAttribute" or "Base64StringAttribute" or "FileExtensionsAttribute"
                when _type.SpecialType != SpecialType.System_String => $"'{_value.Name}' is no string",
            "UrlAttribute" when _type.SpecialType != SpecialType.System_String && !KnownTypes.Is(_type, "System", "Uri") => $"'{_value.Name}' is neither a string nor a Uri",
            "RegularExpressionAttribute" when Collections.IsCollection(_type) => $"'{_value.Name}' is a collection",
            "EnumDataTypeAttribute" when _type is { IsValueType: true, TypeKind: not TypeKind.Enum } && NumericType.Of(_type) is null => $"'{_value.Name}' is neither an enum nor a number or string",
            _ => Call(attribute, needsContext: name is "" or "CustomValidationAttribute"),
        };
        if (obstacle is not null)
        {
            _report(Rules.ValidationOnWrongType, attribute, obstacle);
        }
    }

    private string? Required(AttributeData attribute)
    {
        string message = MessageText.Of(attribute, "The {0} field is required.", DisplayName);
        if (_type.SpecialType == SpecialType.System_String && !KnownTypes.Named<bool>(attribute, "AllowEmptyStrings"))
        {
            _guard = new GuardModel($"string.IsNullOrWhiteSpace({RuleModel.Value})", message);
        }
        else if (Nullables.HasNull(_value.Type))
        {
            _guard = new GuardModel($"{RuleModel.Value} is null", message);
        }

        return null;
    }

    private string? StringLength(AttributeData attribute)
    {
        if (_type.SpecialType != SpecialType.System_String)
        {
            return $"'{_value.Name}' is no string";
        }

        int maximum = KnownTypes.Argument<int>(attribute);
        int minimum = KnownTypes.Named<int>(attribute, "MinimumLength");
        string text = minimum == 0
            ? "The field {0} must be a string with a maximum length of {1}."
            : "The field {0} must be a string with a minimum length of {2} and a maximum length of {1}.";
        return Outside("Length", minimum, maximum, MessageText.Of(attribute, text, DisplayName, maximum, minimum));
    }

    private string? Length(AttributeData attribute, int? minimum, int? maximum, string text) =>
        Collections.CountProperty(_type) is { } property
            ? Outside(property, minimum ?? 0, maximum, MessageText.Of(attribute, text, DisplayName, [.. new int?[] { minimum, maximum }.OfType<object>()]))
            : $"'{_value.Name}' is neither a string nor a collection with a count";

    private string? Outside(string property, int minimum, int? maximum, string message)
    {
        if (minimum < 0 || maximum < 0 || maximum < minimum)
        {
            return $"no length is from {minimum} to {maximum}";
        }

        string pattern = string.Join(" or ", new[] { minimum > 0 ? $"< {minimum}" : "", maximum is null ? "" : $"> {maximum}" }.Where(part => part.Length > 0));
        if (pattern.Length > 0)
        {
            _rules.Add(new RuleModel($"{RuleModel.Value}{(_allowsNull ? "?" : "")}.{property} is {pattern}", message));
        }

        return null;
    }

    private string? Compare(AttributeData attribute)
    {
        string other = KnownTypes.Argument<string>(attribute) ?? "";
        if (_value.Owner is null || Members.Find(_value.Owner, other) is not { } property)
        {
            return $"there is no property '{other}' beside it";
        }

        string message = MessageText.Of(attribute, "'{0}' and '{1}' do not match.", DisplayName, JsonNames.Of(property));
        _rules.Add(new RuleModel($"!object.Equals({RuleModel.Value}, {RuleModel.Owner}.{CSharpText.Identifier(other)})", message));
        return null;
    }

    private string? Call(AttributeData attribute, bool needsContext)
    {
        string type = KnownTypes.FullName(attribute.AttributeClass!);
        string field = _fields.Take(ShortName(attribute.AttributeClass!), type, AttributeText.Of(attribute));
        _attributes.Add(new AttributeCheckModel(field, needsContext, _value.Name, DisplayName));
        return null;
    }

    public static string ShortName(INamedTypeSymbol attribute) =>
        attribute.Name.EndsWith("Attribute", StringComparison.Ordinal) && attribute.Name.Length > 9
            ? attribute.Name.Substring(0, attribute.Name.Length - 9)
            : attribute.Name;
}
