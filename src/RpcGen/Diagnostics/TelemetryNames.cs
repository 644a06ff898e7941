namespace RpcGen.Diagnostics;

/// <summary>All names in spans and measurements. Names that do not start with <c>rpcgen</c> are OpenTelemetry's.</summary>
internal static class TelemetryNames
{
    /// <summary>The name of the activity source and of the meter.</summary>
    public const string Source = "RpcGen";

    /// <summary>The version of OpenTelemetry's conventions that the names follow.</summary>
    public const string SchemaUrl = "https://opentelemetry.io/schemas/1.45.0";

    // Instruments.
    public const string ClientCallDuration = "rpc.client.call.duration";
    public const string ServerCallDuration = "rpc.server.call.duration";
    public const string ClientCallsActive = "rpcgen.client.call.active";
    public const string ClientCallsQueued = "rpcgen.client.call.queued";
    public const string ClientCallsResent = "rpcgen.client.call.resent";
    public const string ClientCallsReturned = "rpcgen.client.call.returned";
    public const string ClientCallsRefused = "rpcgen.client.call.refused";
    public const string ClientRepliesDropped = "rpcgen.client.reply.dropped";
    public const string ServerCallsActive = "rpcgen.server.call.active";
    public const string ServerCallsQueued = "rpcgen.server.call.queued";
    public const string ServerRequestsDropped = "rpcgen.server.request.dropped";
    public const string ServerRequestsRefused = "rpcgen.server.request.refused";
    public const string ServerRepliesRefused = "rpcgen.server.reply.refused";
    public const string ServerOneWayFailed = "rpcgen.server.oneway.failed";

    // Attributes.
    public const string System = "rpc.system.name";
    public const string Method = "rpc.method";
    public const string OriginalMethod = "rpc.method_original";
    public const string StatusCode = "rpc.status_code";
    public const string ErrorType = "error.type";
    public const string ServerAddress = "server.address";
    public const string PeerAddress = "network.peer.address";
    public const string PeerPort = "network.peer.port";
    public const string MessagingSystem = "messaging.system";
    public const string Destination = "messaging.destination.name";
    public const string ConversationId = "messaging.message.conversation_id";
    public const string Redelivered = "rpcgen.redelivered";
    public const string Attempts = "rpcgen.attempts";
    public const string Reason = "rpcgen.reason";
    public const string StreamItems = "rpcgen.stream.items";
    public const string StreamStalled = "rpcgen.stream.stalled";

    // Events.
    public const string Attempt = "rpcgen.attempt";

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
