using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Validation;

namespace RpcGen.Generators.Parsing;

/// <summary>Names that a contract's methods take, and use, in generated code.</summary>
internal sealed class MethodNames
{
    public UniqueNames Classes { get; } = new([]);

    public UniqueNames Fields { get; } = new([]);

    public TypeNames Types { get; } = new();
}

/// <summary>Turns a remote method into a model.</summary>
internal static class MethodParser
{
    public static MethodModel? Parse(RemoteMethod remote, INamedTypeSymbol contract, FaultParser faults, ValidationParser validation, MethodNames names, Violations violations)
    {
        IMethodSymbol method = remote.Symbol;
        Violations own = violations.For(method);
        MethodRules.Check(method, own);
        DeliveryRules.Check(method, contract, own);
        EquatableArray<string> methodFaults = faults.Parse(method, own).ToEquatableArray();
        if (own.HasErrors || violations.HasErrors)
        {
            return null;
        }

        string shortName = Identity.Method(method.Name);
        ISymbol[] scopes = [method, contract, method.ContainingType];
        return new MethodModel
        {
            Name = CSharpText.Identifier(method.Name),
            WireName = WireName(method),
            Implementations = remote.Hidden.Prepend(method).Select(m => Implementation(m, names.Types)).ToEquatableArray(),
            IsCalledDirectly = IsCalledDirectly(method, contract),
            ClassName = names.Classes.Take(CSharpText.Pascal(shortName), "Method"),
            FieldName = names.Fields.Take("_" + CSharpText.Camel(shortName)),
            ReturnType = names.Types.Of(method.ReturnType),
            ResultType = TaskType.Result(method) is { } result ? names.Types.Of(result) : null,
            ReturnsTask = TaskType.IsReferenceTask(method),
            Parameters = ParameterParser.Parse(method, validation, names.Types).ToEquatableArray(),
            TimeoutMilliseconds = scopes.Select(Timeout).FirstOrDefault(timeout => timeout is not null),
            Delivery = DeliveryParser.Parse(method, contract),
            IsObsolete = Obsolete.Is(method),
            Faults = methodFaults,
        };
    }

    private static ImplementationModel Implementation(IMethodSymbol method, TypeNames types) => new(
        types.Of(method.ContainingType),
        types.Of(method.ReturnType),
        method.Parameters.Select(parameter => ParameterParser.TypeOf(parameter, types)).ToEquatableArray());

    /// <summary>A cast to the interface that declares it tells it from what hides it; a protected one can't be called that way.</summary>
    private static bool IsCalledDirectly(IMethodSymbol method, INamedTypeSymbol contract) =>
        SymbolEqualityComparer.Default.Equals(method.ContainingType, contract) ||
        method.DeclaredAccessibility is Accessibility.Protected or Accessibility.ProtectedOrInternal or Accessibility.ProtectedAndInternal;

    public static string WireName(IMethodSymbol method) =>
        KnownTypes.Argument<string>(KnownTypes.Attribute(method, "RpcGen", "RpcMethodAttribute")) ?? Identity.Method(method.Name);

    private static int? Timeout(ISymbol scope) =>
        KnownTypes.Attribute(scope, "RpcGen", "RpcTimeoutAttribute") is { ConstructorArguments: [{ Value: int milliseconds }] }
            ? milliseconds
            : null;
}
