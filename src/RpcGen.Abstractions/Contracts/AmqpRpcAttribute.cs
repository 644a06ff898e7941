namespace RpcGen;

/// <summary>
/// Makes a partial interface an RPC contract: the generator adds its client proxy and its server dispatcher.
/// </summary>
/// <example><code>
/// [AmqpRpc]
/// public partial interface IFibonacciService
/// {
///     Task&lt;long&gt; FibonacciAsync(int n, CancellationToken cancellationToken = default);
/// }
/// </code></example>
[AttributeUsage(AttributeTargets.Interface, Inherited = false)]
public sealed class AmqpRpcAttribute : Attribute
{
    /// <summary>
    /// A contract served on the queue of its own name: namespace, containing types and name joined by dots,
    /// a leading <c>I</c> before an upper-case letter dropped.
    /// </summary>
    public AmqpRpcAttribute()
    {
    }

    /// <summary>A contract served on the queue <paramref name="queue"/>.</summary>
    /// <param name="queue">1 to 255 UTF-8 bytes, not starting with <c>amq.</c>, which AMQP 0-9-1 reserves for brokers.</param>
    public AmqpRpcAttribute(string queue) => Queue = queue;

    /// <summary>The request queue; null where the contract's name gives it.</summary>
    public string? Queue { get; }

    /// <summary>What message bodies look like; <see cref="RpcBodyStyle.Object"/> unless set.</summary>
    public RpcBodyStyle BodyStyle { get; set; }

    /// <summary>
    /// Whether a call fails at once with <see cref="RpcUnavailableException"/> when nobody consumes the queue,
    /// rather than wait until its deadline for a server to come back. Clients and single calls can override it.
    /// </summary>
    public bool FailFast { get; set; }
}
