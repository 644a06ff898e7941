using RpcGen.Protocol;

namespace RpcGen.Client.Calls;

/// <summary>Where the requests of one method go.</summary>
/// <param name="Exchange">The exchange; empty for the default exchange.</param>
/// <param name="RoutingKey">The routing key: the queue's name on the default exchange.</param>
/// <param name="Queue">The service's request queue, which messages name and which is inspected.</param>
/// <param name="BodyStyle">What message bodies look like.</param>
internal sealed record RequestRoute(string Exchange, string RoutingKey, string Queue, RpcBodyStyle BodyStyle)
{
    /// <summary>Requests that one instance of the service takes from the queue.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="bodyStyle">What message bodies look like.</param>
    /// <param name="exchange">The service's own exchange, to which its server binds the queue by its name; empty for the default exchange.</param>
    public static RequestRoute ToQueue(string queue, RpcBodyStyle bodyStyle, string exchange = "") => new(exchange, queue, queue, bodyStyle);

    /// <summary>Requests that every instance of the service gets.</summary>
    public static RequestRoute ToEveryInstance(string queue, RpcBodyStyle bodyStyle) =>
        new(queue + WireNames.BroadcastExchangeSuffix, "", queue, bodyStyle);

    /// <summary>The route as messages name it.</summary>
    public override string ToString() => Exchange.Length == 0 ? $"queue '{RoutingKey}'" : $"queue '{RoutingKey}' bound to exchange '{Exchange}'";

    /// <summary>The <c>type</c> of requests for a method. Bare requests have none.</summary>
    public string? TypeOf(string method) => BodyStyle == RpcBodyStyle.Bare ? null : method;
}
