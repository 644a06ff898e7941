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

    /// <summary>A method that streams its result.</summary>
    Stream,

    /// <summary>A method with <c>[RpcLongRunning]</c>.</summary>
    Long,
}
