using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// The route of a message that comes straight from its sender to one of this server's queues. The broker verifies
/// <c>user_id</c> when a message is published, and keeps it when the message is passed on: by a dead-letter exchange, a
/// binding between exchanges, or a copy. A user could set these up to have another user's message delivered here. The
/// user is therefore trusted only if the message took no detour. Immutable.
/// </summary>
/// <remarks>
/// A binding between exchanges leaves the exchange that the sender published to in <c>basic.deliver</c>. All other detours
/// publish the message again and add headers, which neither the first sender's headers nor later detours can remove.
/// Some shovels add no headers and cannot be distinguished from a sender. Users who can set them up (tag <c>policymaker</c>) must be
/// trusted. Headers of the broker that do not indicate a detour, such as <c>x-delivery-count</c> of quorum queues, are ignored.
/// </remarks>
internal sealed class DirectRoute
{
    private static readonly string[] DetourHeaders = ["x-death", "x-received-from", "CC", "BCC"];
    private static readonly string[] DetourPrefixes = ["x-first-death-", "x-last-death-", "x-shovel"];

    private readonly string _exchange;
    private readonly string _otherExchange;
    private readonly string? _routingKey;

    private DirectRoute(string exchange, string otherExchange, string? routingKey)
    {
        _exchange = exchange;
        _otherExchange = otherExchange;
        _routingKey = routingKey;
    }

    /// <summary>To the request queue, through the default exchange or the service's own.</summary>
    /// <param name="queue">The request queue, whose name is the routing key.</param>
    /// <param name="ownExchange">The service's own exchange; empty for none.</param>
    public static DirectRoute OfRequests(string queue, string ownExchange = "") => new("", ownExchange, queue);

    /// <summary>To every instance, through the exchange for broadcasts, which ignores routing keys.</summary>
    public static DirectRoute OfBroadcasts(string queue) => OfFanout(queue + WireNames.BroadcastExchangeSuffix);

    /// <summary>To every instance's inbox, through the exchange for cancels or the one that all services share. Both ignore routing keys.</summary>
    public static DirectRoute OfInstances(string queue) => new(queue + WireNames.CancelExchangeSuffix, WireNames.ServicesExchange, routingKey: null);

    /// <summary>Whether the message took this route, so its user is its sender. Costs two comparisons and, with headers, one look at each.</summary>
    public bool IsWayOf(in IncomingMessage message) =>
        (message.Exchange == _exchange || message.Exchange == _otherExchange)
        && (_routingKey is null || message.RoutingKey == _routingKey)
        && (message.Headers is null || !HasDetour(message.Headers));

    private static DirectRoute OfFanout(string exchange) => new(exchange, exchange, routingKey: null);

    private static bool HasDetour(IDictionary<string, object?> headers)
    {
        foreach (string name in headers.Keys)
        {
            if (DetourHeaders.Contains(name, StringComparer.Ordinal) || Array.Exists(DetourPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }
}
