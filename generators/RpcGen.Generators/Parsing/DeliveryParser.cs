using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing;

/// <summary>
/// What the attributes of delivery come to. What a method says goes before what the contract says, and that before the
/// interface that declares the method; policies add up.
/// </summary>
internal static class DeliveryParser
{
    public static DeliveryModel Parse(IMethodSymbol method, INamedTypeSymbol contract)
    {
        ISymbol[] scopes = [method, contract, method.ContainingType];
        string? repeated = scopes.Select(Repeated).FirstOrDefault(name => name is not null);
        AttributeData? oneWay = KnownTypes.Attribute(method, "RpcGen", "RpcOneWayAttribute");
        bool isOneWay = OneWay(method) is not null;
        return new DeliveryModel
        {
            IsIdempotent = repeated == "RpcIdempotentAttribute",
            IsAtMostOnce = repeated == "RpcAtMostOnceAttribute",
            IsOneWay = isOneWay,
            IsConfirmed = oneWay is null || (KnownTypes.Named<bool?>(oneWay, "Confirm") ?? true),
            IsBroadcast = KnownTypes.HasRpcAttribute(method, "RpcBroadcastAttribute"),
            IsDurable = scopes.Any(scope => KnownTypes.HasRpcAttribute(scope, "RpcDurableAttribute")),
            Priority = scopes.Select(Priority).FirstOrDefault(priority => priority is not null) ?? 0,
            CanBatch = isOneWay ? null : scopes.Select(Batching).FirstOrDefault(enabled => enabled is not null),
            Policies = scopes.AsEnumerable().Reverse().SelectMany(Policies).Select(policy => KnownTypes.Argument<string>(policy)!).Distinct().ToEquatableArray(),
        };
    }

    /// <summary>How messages say that the caller of a method gets no reply; null where it does.</summary>
    public static string? OneWay(IMethodSymbol method) =>
        KnownTypes.HasRpcAttribute(method, "RpcBroadcastAttribute") ? "a broadcast"
        : KnownTypes.HasRpcAttribute(method, "RpcOneWayAttribute") ? "one-way"
        : null;

    public static IEnumerable<AttributeData> Policies(ISymbol scope) =>
        scope.GetAttributes().Where(attribute => KnownTypes.Is(attribute.AttributeClass, "RpcGen", "RpcAuthorizeAttribute"));

    private static byte? Priority(ISymbol scope) => KnownTypes.Argument<byte?>(KnownTypes.Attribute(scope, "RpcGen", "RpcPriorityAttribute"));

    private static bool? Batching(ISymbol scope) => KnownTypes.Argument<bool?>(KnownTypes.Attribute(scope, "RpcGen", "RpcBatchingAttribute"));

    private static string? Repeated(ISymbol scope) =>
        KnownTypes.HasRpcAttribute(scope, "RpcIdempotentAttribute") ? "RpcIdempotentAttribute"
        : KnownTypes.HasRpcAttribute(scope, "RpcAtMostOnceAttribute") ? "RpcAtMostOnceAttribute"
        : null;
}
