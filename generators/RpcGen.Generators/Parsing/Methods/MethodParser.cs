using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Delivery;
using RpcGen.Generators.Parsing.Faults;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Parsing.Validation;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Methods;

/// <summary>Turns a remote method into a model.</summary>
internal static class MethodParser
{
    /// <returns>The model; null if the contract has an error.</returns>
    public static MethodModel? Parse(RemoteMethod remote, INamedTypeSymbol contract, FaultParser faults, ValidationParser validation, GeneratedNames names, DiagnosticSink sink)
    {
        IMethodSymbol method = remote.Symbol;
        DiagnosticSink own = sink.For(method);
        MethodRules.Check(method, contract, own);
        DeliveryRules.Check(method, contract, own);
        EquatableArray<string> methodFaults = faults.Parse(method, own).ToEquatableArray();
        if (own.HasErrors || sink.HasErrors)
        {
            return null;
        }

        string shortName = NamingRules.WithoutAsync(method.Name);
        ISymbol[] scopes = [method, contract, method.ContainingType];
        return new MethodModel
        {
            Name = Identifiers.Escape(method.Name),
            WireName = NamingRules.Of(method),
            Implementations = remote.Hidden.Prepend(method).Select(m => Implementation(m, names.Types)).ToEquatableArray(),
            IsCalledDirectly = IsCalledDirectly(method, contract),
            ClassName = names.Classes.Take(Identifiers.Pascal(shortName), "Method"),
            FieldName = names.Fields.Take("_" + Identifiers.Camel(shortName)),
            ReturnType = names.Types.Of(method.ReturnType),
            ResultType = StreamType.Item(method) is not null ? names.Types.Of(method.ReturnType) : TaskType.Result(method) is { } result ? names.Types.Of(result) : null,
            Stream = StreamType.Item(method) is { } item ? new StreamModel(names.Types.Of(item), Streams.LimitsOf(method, contract).ToEquatableArray()) : null,
            Bytes = ByteStreamType.IsReturned(method) ? Streams.BytesOf(method, contract) : null,
            ReturnsTask = TaskType.IsReferenceTask(method),
            Parameters = ParameterParser.Parse(method, contract, validation, names.Types).ToEquatableArray(),
            TimeoutMilliseconds = scopes.Select(Timeouts.DeclaredOn).FirstOrDefault(timeout => timeout is not null),
            Delivery = DeliveryParser.Parse(method, contract),
            IsObsolete = ObsoleteAttributes.IsObsolete(method),
            Faults = methodFaults,
        };
    }

    private static ImplementationModel Implementation(IMethodSymbol method, TypeNames types) => new(
        types.Of(method.ContainingType),
        types.Of(method.ReturnType),
        method.Parameters.Select(parameter => ParameterParser.TypeOf(parameter, types)).ToEquatableArray());

    /// <summary>
    /// Whether generated code calls the method through the contract. For methods of base interfaces it casts to that interface, so
    /// that a hiding method is not called by mistake. A protected method cannot be called through such a cast.
    /// </summary>
    private static bool IsCalledDirectly(IMethodSymbol method, INamedTypeSymbol contract) =>
        SymbolEqualityComparer.Default.Equals(method.ContainingType, contract) ||
        method.DeclaredAccessibility is Accessibility.Protected or Accessibility.ProtectedOrInternal or Accessibility.ProtectedAndInternal;
}
