using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>The attributes of RpcGen: their metadata names, and how to find them.</summary>
internal static class RpcAttributes
{
    public const string Contract = "AmqpRpcAttribute";
    public const string AllowAnonymous = "RpcAllowAnonymousAttribute";
    public const string AtMostOnce = "RpcAtMostOnceAttribute";
    public const string Authorize = "RpcAuthorizeAttribute";
    public const string Batching = "RpcBatchingAttribute";
    public const string Broadcast = "RpcBroadcastAttribute";
    public const string Durable = "RpcDurableAttribute";
    public const string Fault = "RpcFaultAttribute`1";
    public const string Idempotent = "RpcIdempotentAttribute";
    public const string Json = "RpcJsonAttribute";
    public const string LongRunning = "RpcLongRunningAttribute";
    public const string Method = "RpcMethodAttribute";
    public const string OneWay = "RpcOneWayAttribute";
    public const string Priority = "RpcPriorityAttribute";
    public const string Stream = "RpcStreamAttribute";
    public const string Timeout = "RpcTimeoutAttribute";

    /// <summary>The namespace of all attributes.</summary>
    public const string Namespace = "RpcGen";

    /// <summary><c>RpcBodyStyle.Bare</c>.</summary>
    private const int BareBodyStyle = 1;

    /// <summary>The symbol's first attribute of the given name; null if it has none.</summary>
    public static AttributeData? Find(ISymbol symbol, string metadataName) => AttributeLookup.Find(symbol, Namespace, metadataName);

    public static bool Has(ISymbol symbol, string metadataName) => Find(symbol, metadataName) is not null;

    /// <summary>Whether the attribute is an RpcGen attribute of the given name.</summary>
    public static bool Is(AttributeData attribute, string metadataName) => KnownTypes.Is(attribute.AttributeClass, Namespace, metadataName);

    /// <summary>Whether the type is an interface with <c>[AmqpRpc]</c>.</summary>
    public static bool IsContract(INamedTypeSymbol type) => type.TypeKind == TypeKind.Interface && Has(type, Contract);

    /// <summary>Whether <c>[AmqpRpc]</c> selects the bare body style.</summary>
    public static bool IsBare(AttributeData contractAttribute) => AttributeLookup.Named<int>(contractAttribute, "BodyStyle") == BareBodyStyle;
}
