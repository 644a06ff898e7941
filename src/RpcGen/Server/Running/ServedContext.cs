using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>Creates the context that a handler sees.</summary>
internal static class ServedContext
{
    /// <summary>Creates the context of a call.</summary>
    /// <param name="delivery">The call's message.</param>
    /// <param name="headers">The call's headers; null for none.</param>
    /// <param name="id">The call's id.</param>
    /// <param name="method">The method.</param>
    /// <param name="deadline">When the handler's token fires, as a timestamp of the clock.</param>
    /// <param name="time">The clock.</param>
    public static RpcCallContext Create(Delivery delivery, IDictionary<string, object?>? headers, CorrelationId id, RpcMethod method, long deadline, TimeProvider time) =>
        new(method, id.Text, id.Number, delivery.MayHaveRun, time, deadline, CreateDetails(delivery, headers, id));

    /// <summary>Headers, user and priority; null if the request has none of them.</summary>
    private static RpcCallDetails? CreateDetails(Delivery delivery, IDictionary<string, object?>? headers, CorrelationId id) =>
        headers is null && delivery is { UserId: null, Priority: 0 }
            ? null
            : new RpcCallDetails { CallId = id.Text, Headers = headers, BrokerUser = delivery.UserId, Priority = delivery.Priority };
}
