using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>Finds the checks of a contract's arguments, and creates the models of its validators.</summary>
internal sealed class ValidationParser
{
    private readonly GeneratedCodeAccess _access;
    private readonly DiagnosticSink _sink;
    private readonly ValidationFields _fields = new();
    private readonly ValidatedTypes _types;

    public ValidationParser(
        INamedTypeSymbol contract, IEnumerable<IParameterSymbol> parameters, Compilation compilation, TypeNames names, DiagnosticSink sink, CancellationToken cancellationToken)
    {
        _access = new GeneratedCodeAccess(compilation, contract);
        _sink = sink;
        _types = new ValidatedTypes(names, Describe);
        foreach (IParameterSymbol parameter in parameters.Where(p => ProgressType.Item(p) is null && !ByteStreamType.Is(p)))
        {
            _types.Add(StreamType.Item(parameter) ?? parameter.Type, cancellationToken);
        }

        _types.Close();
    }

    /// <summary>The validators of all types that have checks. Enumerating them adds to <see cref="Suppressions"/>.</summary>
    public IEnumerable<ValidatorModel> Validators => _types.Needed.Select(type =>
    {
        Suppressions.AddType(type.Type);
        return Model(type);
    });

    /// <summary>The static fields of the validators.</summary>
    public IEnumerable<ValidationFieldModel> Fields => _fields.All;

    /// <summary>The warnings to suppress for obsolete or experimental types and attributes that the validators use.</summary>
    public WarningSuppressions Suppressions { get; } = new();

    /// <summary>The checks of a parameter.</summary>
    public ValueCheckModel Check(IParameterSymbol parameter)
    {
        var value = new CheckedValue(parameter.Name, parameter.Name, parameter.Type, parameter.GetAttributes(), Owner: null);
        return WithValidator(value, OwnChecks(value));
    }

    /// <summary>The check of a stream's items; null if they have no checks.</summary>
    public ValidatorModel? CheckItems(ITypeSymbol item)
    {
        bool refusesNull = Nullability.RefusesNull(item, []);
        string? validator = _types.Find(item)?.MethodName;
        return !refusesNull && validator is null ? null : new ValidatorModel
        {
            MethodName = "",
            Type = "",
            Kind = ValidatorKind.Collection,
            ElementAllowsNull = Nullability.HasNull(item) && !refusesNull,
            ElementIsNullableValue = Nullability.IsNullableValue(item),
            ElementRefusesNull = refusesNull,
            ElementValidator = validator,
        };
    }

    private static IEnumerable<MemberNameModel> MemberNames(ValidatedType type) => type.ChecksItself || type.Attributes.Count > 0
        ? type.Members.Where(member => member.Value.JsonName != member.Value.Name).Select(member => new MemberNameModel(member.Value.Name, member.Value.JsonName))
        : [];

    /// <summary>The checks of the value itself, without those of the values inside it.</summary>
    private ValueCheckModel OwnChecks(CheckedValue value) => ValueRules.Parse(
        value,
        _fields,
        CanAccess,
        (rule, attribute, reason) => _sink.Add(rule, attribute, ValidationAttributes.ShortName(attribute.AttributeClass!), value.Name, reason));

    /// <summary>Adds the validator of the value's type, which is known only after the type graph is closed.</summary>
    private ValueCheckModel WithValidator(CheckedValue value, ValueCheckModel check) => check with { Validator = _types.Find(value.Type)?.MethodName };

    private void Describe(ValidatedType node)
    {
        var type = (INamedTypeSymbol)node.Type;
        foreach (CheckedValue member in ValidatedMembers.Of(type))
        {
            node.Members.Add((member, OwnChecks(member)));
            Suppressions.Add(member.Attributes);
        }

        foreach ((AttributeData attribute, INamedTypeSymbol derived) in JsonNames.Subtypes(type))
        {
            if (SymbolEqualityComparer.Default.Equals(derived, type))
            {
                continue;
            }

            if (_access.CanAccess(derived))
            {
                node.DerivedTypes.Add(derived);
            }
            else if (AddsChecks(derived, node))
            {
                _sink.Add(Rules.ValidationOutOfReach, attribute, derived.Name, type.Name, "generated code cannot access it");
            }
        }

        node.ChecksItself = ChecksItself(type);
        foreach (AttributeData attribute in ValidatedMembers.Ancestry(type).SelectMany(at => at.GetAttributes()).Where(a => ValidationAttributes.IsValidation(a.AttributeClass)))
        {
            if (CanAccess(attribute))
            {
                node.Attributes.Add(_fields.Take(
                    ValidationAttributes.ShortName(attribute.AttributeClass!), TypeDisplay.FullName(attribute.AttributeClass!), AttributeExpression.Of(attribute)));
            }
            else
            {
                _sink.Add(
                    Rules.ValidationOutOfReach, attribute, ValidationAttributes.ShortName(attribute.AttributeClass!), type.Name, "generated code cannot access it, its constructor or what its arguments name");
            }
        }
    }

    /// <summary>Whether a derived type has checks that its base type does not have.</summary>
    private static bool AddsChecks(INamedTypeSymbol derived, ValidatedType ofBase) =>
        ChecksItself(derived) ||
        ValidatedMembers.Of(derived).Any(member =>
            !ofBase.Members.Exists(inherited => inherited.Value.Name == member.Name) &&
            (Nullability.RefusesNull(member.Type, member.Attributes) || member.HasValidation));

    private static bool ChecksItself(INamedTypeSymbol type) =>
        type.AllInterfaces.Any(face => KnownTypes.Is(face, ValidationAttributes.Namespace, "IValidatableObject"));

    private ValidatorModel Model(ValidatedType type) => new()
    {
        MethodName = type.MethodName,
        Type = TypeDisplay.FullName(type.Type),
        Kind = type.Kind,
        Members = type.Members.Select(member => WithValidator(member.Value, member.Check)).Where(check => check.HasChecks).ToEquatableArray(),
        DerivedTypes = type.DerivedTypes
            .OrderByDescending(derived => ValidatedMembers.Ancestry(derived).Count())
            .Select(derived => _types.Find(derived) is { } found ? new DerivedTypeModel(TypeDisplay.FullName(derived), found.MethodName) : null)
            .OfType<DerivedTypeModel>()
            .ToEquatableArray(),
        Attributes = type.Attributes.ToEquatableArray(),
        ChecksItself = type.ChecksItself,
        DisplayName = type.Kind == ValidatorKind.Object ? ValidationMessages.DisplayName(type.Type.GetAttributes().Where(_access.CanAccess), type.Type.Name) : "\"\"",
        MemberNames = MemberNames(type).ToEquatableArray(),
        ElementAllowsNull = type.Element is not null && Nullability.HasNull(type.Element) && !type.ElementRefusesNull,
        ElementIsNullableValue = type.Element is not null && Nullability.IsNullableValue(type.Element),
        ElementRefusesNull = type.ElementRefusesNull,
        ElementValidator = type.Element is null ? null : _types.Find(type.Element)?.MethodName,
        IsImmutableArray = CollectionTypes.IsImmutableArray(type.Type),
        OnlyIf = type.Kind == ValidatorKind.Collection && CollectionTypes.MayBeLazy(type.Type)
            ? $"global::System.Collections.Generic.IReadOnlyCollection<{TypeDisplay.FullName(type.Element!)}>"
            : null,
    };

    /// <summary>Whether generated code can create an attribute. If so, its warnings are suppressed.</summary>
    private bool CanAccess(AttributeData attribute)
    {
        bool canAccess = _access.CanAccess(attribute);
        if (canAccess)
        {
            Suppressions.AddType(attribute.AttributeClass!);
            Suppressions.Add(attribute.AttributeConstructor!);
        }

        return canAccess;
    }
}
