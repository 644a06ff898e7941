using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>
/// Turns the validation attributes of one value into its checks. Attributes with simple meanings become conditions in code; all
/// others are instantiated and called.
/// </summary>
internal sealed class ValueRules
{
    private const string Inaccessible = "generated code cannot access '{0}', its constructor or what its arguments name";

    private readonly CheckedValue _value;
    private readonly ITypeSymbol _type;
    private readonly ValidationFields _fields;
    private readonly Func<AttributeData, bool> _isAccessible;
    private readonly Action<DiagnosticDescriptor, AttributeData, string> _report;
    private string? _displayName;
    private readonly bool _allowsNull;
    private readonly List<RuleModel> _rules = [];
    private readonly List<AttributeCheckModel> _attributes = [];
    private GuardModel? _guard;

    private ValueRules(CheckedValue value, ValidationFields fields, Func<AttributeData, bool> isAccessible, Action<DiagnosticDescriptor, AttributeData, string> report)
    {
        _value = value;
        _type = Nullability.Underlying(value.Type);
        _allowsNull = Nullability.HasNull(value.Type) && !Nullability.RefusesNull(value.Type, value.Attributes);
        _fields = fields;
        _isAccessible = isAccessible;
        _report = report;
    }

    /// <summary>The checks of the value itself, without those of the values inside it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="fields">Receives the attributes that generated code instantiates.</param>
    /// <param name="isAccessible">Whether generated code can access an attribute.</param>
    /// <param name="report">Receives the problems of attributes.</param>
    public static ValueCheckModel Parse(
        CheckedValue value, ValidationFields fields, Func<AttributeData, bool> isAccessible, Action<DiagnosticDescriptor, AttributeData, string> report)
    {
        var rules = new ValueRules(value, fields, isAccessible, report);
        if (Nullability.HasNull(value.Type) && !rules._allowsNull)
        {
            rules._guard = new GuardModel($"{RuleModel.Value} is null", Message: null);
        }

        foreach (AttributeData attribute in value.Attributes)
        {
            if (!ValidationAttributes.IsValidation(attribute.AttributeClass))
            {
                continue;
            }

            if (isAccessible(attribute))
            {
                rules.Add(attribute);
            }
            else
            {
                report(Rules.ValidationOutOfReach, attribute, string.Format(CultureInfo.InvariantCulture, Inaccessible, attribute.AttributeClass!.Name));
            }
        }

        return new ValueCheckModel
        {
            Name = Identifiers.Escape(value.Name),
            JsonName = value.JsonName,
            AllowsNull = rules._allowsNull,
            IsNullableValue = Nullability.IsNullableValue(value.Type),
            Guard = rules._guard,
            Rules = rules._rules.ToEquatableArray(),
            Attributes = rules._attributes.ToEquatableArray(),
        };
    }

    private string DisplayName => _displayName ??= ValidationMessages.DisplayName(_value.Attributes.Where(_isAccessible), _value.JsonName);

    /// <summary>Each method below returns why the attribute does not fit the value, or null if it was added.</summary>
    private void Add(AttributeData attribute)
    {
        string? name = ValidationAttributes.FrameworkName(attribute.AttributeClass!);
        string? obstacle = name switch
        {
            "DataTypeAttribute" => null,
            "RequiredAttribute" => Required(attribute),
            "RangeAttribute" => RangeRule.Parse(attribute, _type, _allowsNull, DisplayName, _fields, _rules),
            "StringLengthAttribute" => StringLength(attribute),
            "MinLengthAttribute" => Length(attribute, AttributeLookup.Argument<int>(attribute), null, "The field {0} must be a string or array type with a minimum length of '{1}'."),
            "MaxLengthAttribute" when attribute.ConstructorArguments.IsEmpty => null,
            "MaxLengthAttribute" => Length(attribute, null, AttributeLookup.Argument<int>(attribute), "The field {0} must be a string or array type with a maximum length of '{1}'."),
            "LengthAttribute" => Length(
                attribute, AttributeLookup.Argument<int>(attribute), attribute.ConstructorArguments[1].Value as int?,
                "The field {0} must be a string or collection type with a minimum length of '{1}' and maximum length of '{2}'."),
            "CompareAttribute" => Compare(attribute),
            "EmailAddressAttribute" or "PhoneAttribute" or "CreditCardAttribute" or "Base64StringAttribute" or "FileExtensionsAttribute"
                when _type.SpecialType != SpecialType.System_String => $"'{_value.Name}' is not a string",
            "UrlAttribute" when _type.SpecialType != SpecialType.System_String && !KnownTypes.Is(_type, "System", "Uri") => $"'{_value.Name}' is neither a string nor a Uri",
            "RegularExpressionAttribute" when CollectionTypes.IsCollection(_type) => $"'{_value.Name}' is a collection",
            "EnumDataTypeAttribute" when _type is { IsValueType: true, TypeKind: not TypeKind.Enum } && NumericType.Of(_type) is null => $"'{_value.Name}' is neither an enum nor a number or string",
            _ => Call(attribute, needsContext: name is null or "CustomValidationAttribute"),
        };
        if (obstacle is not null)
        {
            _report(Rules.ValidationOnWrongType, attribute, obstacle);
        }
    }

    private string? Required(AttributeData attribute)
    {
        string message = ValidationMessages.Of(attribute, "The {0} field is required.", DisplayName);
        if (_type.SpecialType == SpecialType.System_String && !AttributeLookup.Named<bool>(attribute, "AllowEmptyStrings"))
        {
            _guard = new GuardModel($"string.IsNullOrWhiteSpace({RuleModel.Value})", message);
        }
        else if (Nullability.HasNull(_value.Type))
        {
            _guard = new GuardModel($"{RuleModel.Value} is null", message);
        }

        return null;
    }

    private string? StringLength(AttributeData attribute)
    {
        if (_type.SpecialType != SpecialType.System_String)
        {
            return $"'{_value.Name}' is not a string";
        }

        int maximum = AttributeLookup.Argument<int>(attribute);
        int minimum = AttributeLookup.Named<int>(attribute, "MinimumLength");
        string text = minimum == 0
            ? "The field {0} must be a string with a maximum length of {1}."
            : "The field {0} must be a string with a minimum length of {2} and a maximum length of {1}.";
        return AddLengthRule("Length", minimum, maximum, ValidationMessages.Of(attribute, text, DisplayName, maximum, minimum));
    }

    private string? Length(AttributeData attribute, int? minimum, int? maximum, string text) =>
        CollectionTypes.CountProperty(_type) is { } property
            ? AddLengthRule(property, minimum ?? 0, maximum, ValidationMessages.Of(attribute, text, DisplayName, [.. new int?[] { minimum, maximum }.OfType<object>()]))
            : $"'{_value.Name}' is neither a string nor a collection with a count";

    private string? AddLengthRule(string property, int minimum, int? maximum, string message)
    {
        if (minimum < 0 || maximum < 0 || maximum < minimum)
        {
            return $"no length is between {minimum} and {maximum}";
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
        string other = AttributeLookup.Argument<string>(attribute) ?? "";
        if (_value.Owner is null || ValidatedMembers.Find(_value.Owner, other) is not { } property)
        {
            return $"'{_value.Name}' has no sibling property '{other}'";
        }

        string message = ValidationMessages.Of(attribute, "'{0}' and '{1}' do not match.", DisplayName, JsonNames.Of(property));
        _rules.Add(new RuleModel($"!object.Equals({RuleModel.Value}, {RuleModel.Owner}.{Identifiers.Escape(other)})", message));
        return null;
    }

    private string? Call(AttributeData attribute, bool needsContext)
    {
        string type = TypeDisplay.FullName(attribute.AttributeClass!);
        string field = _fields.Take(ValidationAttributes.ShortName(attribute.AttributeClass!), type, AttributeExpression.Of(attribute));
        _attributes.Add(new AttributeCheckModel(field, needsContext, _value.Name, DisplayName));
        return null;
    }
}
