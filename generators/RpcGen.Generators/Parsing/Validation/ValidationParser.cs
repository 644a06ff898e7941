using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>Finds out what is to be checked in the arguments of a contract's methods.</summary>
internal sealed class ValidationParser
{
    private readonly Reach _reach;
    private readonly Violations _violations;
    private readonly StaticFields _fields = new();
    private readonly ValidatedTypes _types;

    public ValidationParser(
        INamedTypeSymbol contract, List<RemoteMethod> methods, Compilation compilation, TypeNames names, Violations violations, CancellationToken cancellationToken)
    {
        _reach = new Reach(compilation, contract);
        _violations = violations;
        _types = new ValidatedTypes(names, Describe);
        foreach (IParameterSymbol parameter in methods.SelectMany(method => method.Symbol.Parameters))
        {
            _types.Add(parameter.Type, cancellationToken);
        }

        _types.Close();
    }

    /// <summary>The validators of all types that have anything to check.</summary>
    public IEnumerable<ValidatorModel> Validators => _types.Needed.Select(type =>
    {
        Discouraged.AddType(type.Type);
        return Model(type);
    });

    public IEnumerable<AttributeFieldModel> Fields => _fields.All;

    /// <summary>What is checked, or checks, and is obsolete or experimental.</summary>
    public Discouraged Discouraged { get; } = new();

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
        IsUsable,
        (rule, attribute, reason) => _violations.Add(rule, attribute, ValueRules.ShortName(attribute.AttributeClass!), value.Name, reason));

    /// <summary>With the validator of the value's type, which is known only when all types are.</summary>
    private ValueCheckModel Complete(CheckedValue value, ValueCheckModel check) => check with { Validator = _types.Find(value.Type)?.MethodName };

    private void Describe(ValidatedType node)
    {
        var type = (INamedTypeSymbol)node.Type;
        foreach (CheckedValue member in Members.Of(type))
        {
            node.Members.Add((member, Rules(member)));
            Discouraged.Add(member.Attributes);
        }

        foreach ((AttributeData attribute, INamedTypeSymbol derived) in JsonNames.Subtypes(type))
        {
            if (SymbolEqualityComparer.Default.Equals(derived, type))
            {
                continue;
            }

            if (_reach.Has(derived))
            {
                node.DerivedTypes.Add(derived);
            }
            else if (AddsChecks(derived, node))
            {
                _violations.Add(Parsing.Rules.ValidationOutOfReach, attribute, derived.Name, type.Name, "generated code can't reach it");
            }
        }

        node.ChecksItself = ChecksItself(type);
        foreach (AttributeData attribute in Members.Ancestry(type).SelectMany(at => at.GetAttributes()).Where(a => ValueRules.IsValidation(a.AttributeClass)))
        {
            if (IsUsable(attribute))
            {
                node.Attributes.Add(_fields.Take(
                    ValueRules.ShortName(attribute.AttributeClass!), KnownTypes.FullName(attribute.AttributeClass!), AttributeText.Of(attribute)));
            }
            else
            {
                _violations.Add(
                    Parsing.Rules.ValidationOutOfReach, attribute, ValueRules.ShortName(attribute.AttributeClass!), type.Name, "generated code can't reach it, its constructor or what its arguments name");
            }
        }
    }

    /// <summary>Whether a subtype has anything to check that its base has not.</summary>
    private static bool AddsChecks(INamedTypeSymbol derived, ValidatedType ofBase) =>
        ChecksItself(derived) ||
        Members.Of(derived).Any(member =>
            !ofBase.Members.Exists(inherited => inherited.Value.Name == member.Name) &&
            (Nullables.RefusesNull(member.Type, member.Attributes) || member.Attributes.Any(attribute => ValueRules.IsValidation(attribute.AttributeClass))));

    private static bool ChecksItself(INamedTypeSymbol type) =>
        type.AllInterfaces.Any(face => KnownTypes.Is(face, "System.ComponentModel.DataAnnotations", "IValidatableObject"));

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
        DisplayName = type.Kind == ValidatorKind.Object ? MessageText.DisplayName(type.Type.GetAttributes().Where(_reach.Has), type.Type.Name) : "\"\"",
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

    /// <summary>Whether generated code can name an attribute and all that it is made of.</summary>
    private bool IsUsable(AttributeData attribute)
    {
        bool isUsable = _reach.Has(attribute);
        if (isUsable)
        {
            Discouraged.AddType(attribute.AttributeClass!);
            Discouraged.Add(attribute.AttributeConstructor!);
        }

        return isUsable;
    }
}
