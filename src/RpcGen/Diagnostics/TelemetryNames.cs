namespace RpcGen.Diagnostics;

/// <summary>All names in spans and measurements. Names that do not start with <c>rpcgen</c> are OpenTelemetry's.</summary>
internal static class TelemetryNames
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Source = "RpcGen";

    // Instruments.
    public const string ClientCallDuration = "rpc.client.call.duration";
    public const string ServerCallDuration = "rpc.server.call.duration";
    public const string ClientCallsActive = "rpcgen.client.calls.active";
    public const string ClientCallsQueued = "rpcgen.client.calls.queued";
    public const string ClientCallsResent = "rpcgen.client.calls.resent";
    public const string ClientCallsReturned = "rpcgen.client.calls.returned";
    public const string ClientCallsRefused = "rpcgen.client.calls.refused";
    public const string ClientRepliesDropped = "rpcgen.client.replies.dropped";
    public const string ServerCallsActive = "rpcgen.server.calls.active";
    public const string ServerCallsQueued = "rpcgen.server.calls.queued";
    public const string ServerRequestsDropped = "rpcgen.server.requests.dropped";
    public const string ServerRequestsRefused = "rpcgen.server.requests.refused";
    public const string ServerRepliesRefused = "rpcgen.server.replies.refused";
    public const string ServerOneWayFailed = "rpcgen.server.oneway.failed";

    // Attributes.
    public const string System = "rpc.system.name";
    public const string Method = "rpc.method";
    public const string OriginalMethod = "rpc.method_original";
    public const string StatusCode = "rpc.status_code";
    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string PeerAddress = "network.peer.address";
    public const string PeerPort = "network.peer.port";
    public const string MessagingSystem = "messaging.system";
    public const string Destination = "messaging.destination.name";
    public const string ConversationId = "messaging.message.conversation_id";
    public const string Redelivered = "rpcgen.redelivered";
    public const string Attempts = "rpcgen.attempts";
    public const string Reason = "rpcgen.reason";
    public const string Broker = "rpcgen.broker";
    public const string StreamItems = "rpcgen.stream.items";

    // Values of attributes.
    public const string RpcGen = "rpcgen";
    public const string RabbitMq = "rabbitmq";
    public const string Other = "_OTHER";
    public const string Late = "late";
    public const string Unknown = "unknown";
    public const string Unanswerable = "unanswerable";
    public const string Orphaned = "orphaned";

    // The scope of a handler's log messages.
    public const string ScopeMethod = "RpcMethod";
    public const string ScopeCallId = "RpcCallId";
}
