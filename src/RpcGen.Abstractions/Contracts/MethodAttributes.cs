namespace RpcGen;

/// <summary>Gives a method its name on the wire, the AMQP <c>type</c> property of its requests.</summary>
/// <param name="name">1 to 255 UTF-8 bytes, not starting with <c>$</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RpcMethodAttribute(string name) : Attribute
{
    /// <summary>The name on the wire; without this attribute the method's name less <c>Async</c>.</summary>
    public string Name { get; } = name;
}

/// <summary>How long a call may take from the moment the caller calls: connecting, publishing and waiting included.</summary>
/// <param name="milliseconds">At least 1. Without this attribute: 30 seconds.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcTimeoutAttribute(int milliseconds) : Attribute
{
    /// <summary>The time limit in milliseconds.</summary>
    public int Milliseconds { get; } = milliseconds;
}

/// <summary>
/// Says that running a method twice is as good as running it once. Calls in flight when a connection drops are sent
/// again within their deadline, instead of failing with <see cref="RpcConnectionException"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcIdempotentAttribute : Attribute;

/// <summary>
/// Says that a method must never run twice for one call: requests are acknowledged before they run, and one that the
/// broker delivers again is refused, so that the caller gets <see cref="RpcConnectionException"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcAtMostOnceAttribute : Attribute;
