using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Delivery;

/// <summary>
/// Reads the attributes that say how a method's requests are delivered. A method's attribute overrides the contract's, which
/// overrides that of the interface that declares the method. Policies add up, unless the method lets everyone call it.
/// </summary>
internal static class DeliveryParser
{
    public static DeliveryModel Parse(IMethodSymbol method, INamedTypeSymbol contract)
    {
        ISymbol[] scopes = [method, contract, method.ContainingType];
        string? guarantee = scopes.Select(Guarantee).FirstOrDefault(name => name is not null);
        AttributeData? oneWay = RpcAttributes.Find(method, RpcAttributes.OneWay);
        bool isOneWay = DescribeOneWay(method) is not null;
        AttributeData[] restrictions = RpcAttributes.Has(method, RpcAttributes.AllowAnonymous) ? [] : [.. scopes.AsEnumerable().Reverse().SelectMany(Restrictions)];
        return new DeliveryModel
        {
            IsIdempotent = guarantee == RpcAttributes.Idempotent,
            IsAtMostOnce = guarantee == RpcAttributes.AtMostOnce,
            IsOneWay = isOneWay,
            IsConfirmed = oneWay is null || (AttributeLookup.Named<bool?>(oneWay, "Confirm") ?? true),
            IsBroadcast = RpcAttributes.Has(method, RpcAttributes.Broadcast),
            IsDurable = !StreamType.HasStreamsOrProgress(method) && scopes.Any(scope => RpcAttributes.Has(scope, RpcAttributes.Durable)),
            IsLongRunning = scopes.Any(scope => RpcAttributes.Has(scope, RpcAttributes.LongRunning)) && LongRunning.Conflict(method, contract) is null,
            Priority = scopes.Select(Priority).FirstOrDefault(priority => priority is not null) ?? 0,
            CanBatch = isOneWay || StreamType.HasStreams(method) ? null : scopes.Select(Batching).FirstOrDefault(enabled => enabled is not null),
            RequiresAuthentication = restrictions.Any(restriction => !NamesPolicy(restriction)),
            Policies = restrictions.Where(NamesPolicy).Select(restriction => AttributeLookup.Argument<string>(restriction)!).Distinct().ToEquatableArray(),
        };
    }

    /// <summary>How messages describe a method whose caller gets no reply; null for methods with a reply.</summary>
    public static string? DescribeOneWay(IMethodSymbol method) =>
        RpcAttributes.Has(method, RpcAttributes.Broadcast) ? "a broadcast"
        : RpcAttributes.Has(method, RpcAttributes.OneWay) ? "one-way"
        : null;

    /// <summary>Whether <c>[RpcAuthorize]</c> has a policy, be its name valid or not.</summary>
    public static bool NamesPolicy(AttributeData restriction) => restriction.ConstructorArguments.Length > 0;

    /// <summary>The scope's <c>[RpcAuthorize]</c>.</summary>
    public static IEnumerable<AttributeData> Restrictions(ISymbol scope) =>
        scope.GetAttributes().Where(attribute => RpcAttributes.Is(attribute, RpcAttributes.Authorize));

    private static byte? Priority(ISymbol scope) => AttributeLookup.Argument<byte?>(RpcAttributes.Find(scope, RpcAttributes.Priority));

    private static bool? Batching(ISymbol scope) => AttributeLookup.Argument<bool?>(RpcAttributes.Find(scope, RpcAttributes.Batching));

    /// <summary>The attribute that says whether a call can run again; null if the scope has neither.</summary>
    private static string? Guarantee(ISymbol scope) =>
        RpcAttributes.Has(scope, RpcAttributes.Idempotent) ? RpcAttributes.Idempotent
        : RpcAttributes.Has(scope, RpcAttributes.AtMostOnce) ? RpcAttributes.AtMostOnce
        : null;
}
