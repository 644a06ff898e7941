namespace RpcGen;

/// <summary>Sets a method's name on the wire: the AMQP property <c>type</c> of its requests.</summary>
/// <param name="name">1 to 255 UTF-8 bytes. It must not start with <c>$</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RpcMethodAttribute(string name) : Attribute
{
    /// <summary>The name on the wire. Without this attribute it is the method's name without <c>Async</c>.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Sets the time limit of calls. It starts when the method is called, and includes connecting, publishing and waiting. It is
/// also the maximum: a server runs no call longer, even if its caller asks for more time.
/// </summary>
/// <param name="milliseconds">At least 1. Without this attribute: 30 seconds.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcTimeoutAttribute(int milliseconds) : Attribute
{
    /// <summary>The time limit in milliseconds.</summary>
    public int Milliseconds { get; } = milliseconds;
}

/// <summary>
/// Marks methods that can run twice for one call without harm. If the connection drops while a call is in flight, it is sent
/// again within its time limit instead of failing with <see cref="RpcConnectionException"/>. If a server is lost, its unanswered
/// calls are sent again with or without this attribute, except those with <see cref="RpcAtMostOnceAttribute"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcIdempotentAttribute : Attribute;

/// <summary>
/// Marks methods that must never run twice for one call. The server refuses a redelivered request: the caller then gets
/// <see cref="RpcConnectionException"/>. To avoid that, it acknowledges requests early. If the server is lost after that, the
/// request is not redelivered, and the caller gets <see cref="RpcTimeoutException"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, Inherited = false)]
public sealed class RpcAtMostOnceAttribute : Attribute;
