using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>Finds out what is to be checked in the arguments of a contract's methods.</summary>
internal sealed class ValidationParser
{
    private readonly INamedTypeSymbol _contract;
    private readonly Compilation _compilation;
    private readonly Violations _violations;
    private readonly StaticFields _fields = new();
    private readonly ValidatedTypes _types;

    public ValidationParser(
        INamedTypeSymbol contract, List<RemoteMethod> methods, Compilation compilation, TypeNames names, Violations violations, CancellationToken cancellationToken)
    {
        _contract = contract;
        _compilation = compilation;
        _violations = violations;
        _types = new ValidatedTypes(names, Describe);
        foreach (IParameterSymbol parameter in methods.SelectMany(method => method.Symbol.Parameters))
        {
            _types.Add(parameter.Type, cancellationToken);
        }

        _types.Close();
    }

    /// <summary>The validators of all types that have anything to check.</summary>
    public IEnumerable<ValidatorModel> Validators => _types.Needed.Select(Model);

    public IEnumerable<AttributeFieldModel> Fields => _fields.All;

    /// <summary>Whether something that is checked is obsolete.</summary>
    public bool UsesObsolete { get; private set; }

    /// <summary>How a parameter's values are checked.</summary>
    public ValueCheckModel Check(IParameterSymbol parameter)
    {
        var value = new CheckedValue(parameter.Name, parameter.Name, parameter.Type, parameter.GetAttributes(), Owner: null);
        return Complete(value, Rules(value));
    }

    private static IEnumerable<MemberNameModel> MemberNames(ValidatedType type) => type.ChecksItself || type.Attributes.Count > 0
        ? type.Members.Where(member => member.Value.JsonName != member.Value.Name).Select(member => new MemberNameModel(member.Value.Name, member.Value.JsonName))
        : [];

    private ValueCheckModel Rules(CheckedValue value) => ValueRules.Parse(
        value,
        _fields,
        IsReachable,
        (rule, attribute, reason) => _violations.Add(rule, attribute, ValueRules.ShortName(attribute.AttributeClass!), value.Name, reason));

    /// <summary>With the validator of the value's type, which is known only when all types are.</summary>
    private ValueCheckModel Complete(CheckedValue value, ValueCheckModel check) => check with { Validator = _types.Find(value.Type)?.MethodName };

    private void Describe(ValidatedType node)
    {
        var type = (INamedTypeSymbol)node.Type;
        foreach (CheckedValue member in Members.Of(type))
        {
            node.Members.Add((member, Rules(member)));
            UsesObsolete |= member.IsObsolete;
        }

        UsesObsolete |= Obsolete.Is(type);
        foreach (INamedTypeSymbol derived in JsonNames.DerivedTypes(type))
        {
            if (!SymbolEqualityComparer.Default.Equals(derived, type) && _compilation.IsSymbolAccessibleWithin(derived, _contract))
            {
                node.DerivedTypes.Add(derived);
            }
        }

        node.ChecksItself = type.AllInterfaces.Any(face => KnownTypes.Is(face, "System.ComponentModel.DataAnnotations", "IValidatableObject"));
        foreach (AttributeData attribute in Members.Ancestry(type).SelectMany(at => at.GetAttributes()).Where(a => ValueRules.IsValidation(a.AttributeClass)))
        {
            if (IsReachable(attribute))
            {
                node.Attributes.Add(_fields.Take(
                    ValueRules.ShortName(attribute.AttributeClass!), KnownTypes.FullName(attribute.AttributeClass!), AttributeText.Of(attribute)));
            }
            else
            {
                _violations.Add(
                    Parsing.Rules.ValidationOutOfReach, attribute, ValueRules.ShortName(attribute.AttributeClass!), type.Name, "generated code can't reach it or its constructor");
            }
        }
    }

    private ValidatorModel Model(ValidatedType type) => new()
    {
        MethodName = type.MethodName,
        Type = KnownTypes.FullName(type.Type),
        Kind = type.Kind,
        Members = type.Members.Select(member => Complete(member.Value, member.Check)).Where(check => check.HasChecks).ToEquatableArray(),
        DerivedTypes = type.DerivedTypes
            .OrderByDescending(derived => Members.Ancestry(derived).Count())
            .Select(derived => _types.Find(derived) is { } found ? new DerivedTypeModel(KnownTypes.FullName(derived), found.MethodName) : null)
            .OfType<DerivedTypeModel>()
            .ToEquatableArray(),
        Attributes = type.Attributes.ToEquatableArray(),
        ChecksItself = type.ChecksItself,
        DisplayName = type.Kind == ValidatorKind.Object ? MessageText.DisplayName(type.Type.GetAttributes(), type.Type.Name) : "\"\"",
        MemberNames = MemberNames(type).ToEquatableArray(),
        ElementAllowsNull = type.Element is not null && Nullables.HasNull(type.Element) && !type.ElementRefusesNull,
        ElementIsNullableValue = type.Element is not null && Nullables.IsNullableValue(type.Element),
        ElementRefusesNull = type.ElementRefusesNull,
        ElementValidator = type.Element is null ? null : _types.Find(type.Element)?.MethodName,
        IsImmutableArray = Collections.IsImmutableArray(type.Type),
        OnlyIf = type.Kind == ValidatorKind.Collection && Collections.MayBeLazy(type.Type)
            ? $"global::System.Collections.Generic.IReadOnlyCollection<{KnownTypes.FullName(type.Element!)}>"
            : null,
    };

    private bool IsReachable(AttributeData attribute) =>
        attribute.AttributeConstructor is { } constructor &&
        !attribute.AttributeClass!.IsFileLocal &&
        _compilation.IsSymbolAccessibleWithin(attribute.AttributeClass, _contract) &&
        _compilation.IsSymbolAccessibleWithin(constructor, _contract);
}
