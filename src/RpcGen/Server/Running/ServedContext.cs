namespace RpcGen.Server.Running;

/// <summary>Makes what a handler sees of its call.</summary>
internal static class ServedContext
{
    /// <summary>Creates the context of a call.</summary>
    /// <param name="call">The call; its deadline is set.</param>
    /// <param name="method">The method.</param>
    /// <param name="time">The clock of the deadline.</param>
    public static RpcCallContext Create(ServerCall call, RpcMethod method, TimeProvider time) =>
        new(method, call.Id.Text, call.Id.Number, call.Delivery.IsRedelivered, time, call.Deadline, CreateDetails(call));

    /// <summary>Headers, user and priority; null if the request has none of them.</summary>
    private static RpcCallDetails? CreateDetails(ServerCall call) => call.Delivery is { Headers: null, UserId: null, Priority: 0 }
        ? null
        : new RpcCallDetails { CallId = call.Id.Text, Headers = call.Delivery.Headers, BrokerUser = call.Delivery.UserId, Priority = call.Delivery.Priority };
}
