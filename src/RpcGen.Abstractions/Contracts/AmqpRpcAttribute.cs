namespace RpcGen;

/// <summary>Makes a partial interface an RPC contract: the generator adds its client and its server dispatch.</summary>
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
    /// A contract whose queue is named after it: namespace, containing types and name, joined by dots, without a leading
    /// <c>I</c> before an upper-case letter. <c>Shop.IOrders</c> is served on the queue <c>Shop.Orders</c>.
    /// </summary>
    public AmqpRpcAttribute()
    {
    }

    /// <summary>A contract that is served on the queue <paramref name="queue"/>.</summary>
    /// <param name="queue">
    /// 1 to 248 UTF-8 bytes, because the names of its exchanges are longer: 245 if the contract has broadcasts, 255 if its bodies are bare.
    /// It must not start with <c>amq.</c>, which AMQP 0-9-1 reserves for brokers.
    /// </param>
    public AmqpRpcAttribute(string queue) => Queue = queue;

    /// <summary>The request queue; null if it is named after the contract.</summary>
    public string? Queue { get; }

    /// <summary>
    /// The service's own direct exchange, to which requests are published. The broker's permissions can then allow a caller to
    /// call this service and no other. 1 to 255 UTF-8 bytes that do not start with <c>amq.</c>. The server declares it. Clients and servers
    /// can override it. Default: none, and requests go through the default exchange.
    /// </summary>
    public string? Exchange { get; set; }

    /// <summary>The form of message bodies. Default: <see cref="RpcBodyStyle.Object"/>.</summary>
    public RpcBodyStyle BodyStyle { get; set; }

    /// <summary>
    /// Whether a call fails at once with <see cref="RpcUnavailableException"/> if the queue has no consumer, instead of waiting
    /// for a server until its time limit. Clients and single calls can override this. Default: false.
    /// </summary>
    public bool FailFast { get; set; }

    /// <summary>
    /// Whether the generator also creates an abstract class for services, which implements the contract and is named after it:
    /// <c>OrdersBase</c> for <c>IOrders</c>. Services in F# and Visual Basic need it, because these languages cannot implement the
    /// contract itself. Default: false.
    /// </summary>
    public bool GenerateBase { get; set; }
}
