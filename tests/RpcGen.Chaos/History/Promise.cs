namespace RpcGen.Chaos.History;

/// <summary>What a call promises.</summary>
internal enum Promise
{
    /// <summary>A method without marks.</summary>
    Plain,

    /// <summary>A method with <c>[RpcIdempotent]</c>.</summary>
    Idempotent,

    /// <summary>A method with <c>[RpcAtMostOnce]</c>.</summary>
    AtMostOnce,

    /// <summary>A method with <c>[RpcOneWay]</c>.</summary>
    OneWay,

    /// <summary>A method with <c>[RpcOneWay, RpcDurable]</c>.</summary>
    Durable,

    /// <summary>A method with <c>[RpcLongRunning]</c>.</summary>
    Long,

    /// <summary>A method with <c>[RpcLongRunning, RpcAtMostOnce]</c>.</summary>
    LongAtMostOnce,

    /// <summary>A method that streams its result.</summary>
    Stream,

    /// <summary>A method that takes a stream.</summary>
    Upload,

    /// <summary>A method that takes a stream, and streams its result.</summary>
    Duplex,

    /// <summary>A method that returns a stream of bytes.</summary>
    Download,

    /// <summary>A method that reports progress.</summary>
    Progress,
}

/// <summary>What follows from a promise.</summary>
internal static class Promises
{
    /// <summary>Whether the client has no answer to wait for.</summary>
    public static bool IsOneWay(this Promise promise) => promise is Promise.OneWay or Promise.Durable;

    /// <summary>Whether it must not run twice.</summary>
    public static bool IsAtMostOnce(this Promise promise) => promise is Promise.AtMostOnce or Promise.LongAtMostOnce;

    /// <summary>Whether the call lasts as long as its streams.</summary>
    public static bool HasStreams(this Promise promise) => promise >= Promise.Stream;

    /// <summary>Whether the call is long.</summary>
    public static bool IsLong(this Promise promise) => promise is Promise.Long or Promise.LongAtMostOnce;
}
