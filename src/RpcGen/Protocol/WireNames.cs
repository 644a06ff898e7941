namespace RpcGen.Protocol;

/// <summary>All names on the wire in version 1 of the protocol.</summary>
internal static class WireNames
{
    /// <summary>The media type of JSON (RFC 8259).</summary>
    public const string Json = "application/json";

    /// <summary>The content type of the bytes of streams.</summary>
    public const string Bytes = "application/octet-stream";

    /// <summary>The media type of problem details (RFC 9457).</summary>
    public const string ProblemJson = "application/problem+json";

    /// <summary>The content type that clients of RabbitMQ's tutorial send. The text is read as JSON.</summary>
    public const string PlainText = "text/plain";

    /// <summary>The content type of a message with several requests or replies: JSON values, and the lines that say where they are.</summary>
    public const string BatchEnvelope = "application/vnd.rpcgen.batch";

    /// <summary>The <c>type</c> of a reply that carries a fault.</summary>
    public const string Fault = "fault";

    /// <summary>The <c>type</c> of a message by which a server says that it has a call.</summary>
    public const string Open = "open";

    /// <summary>The <c>type</c> of a message with several requests or replies.</summary>
    public const string Batch = "$batch";

    /// <summary>
    /// A parameter of <c>content_type</c>. In a request: the client reads batches, and asks whether the server does. In a
    /// reply: the server reads batches, and the method is fast enough for them.
    /// </summary>
    public const string Batchable = ";batch=1";

    /// <summary>A parameter of <c>content_type</c>. In a reply: the server reads batches, but the method is too slow for them.</summary>
    public const string Unbatchable = ";batch=0";

    /// <summary>A parameter of <c>content_type</c>, in a reply: publisher confirms cost nothing on the request queue.</summary>
    public const string ConfirmsAreFree = ";confirm=1";

    /// <summary>The prefix of a fault's code in the <c>type</c> member of its problem details.</summary>
    public const string FaultUrn = "urn:rpcgen:fault:";

    /// <summary>The prefix of a callback queue's name. A random part follows.</summary>
    public const string CallbackQueuePrefix = "rpc.cb.";

    /// <summary>The prefix of a callback queue's name whose owner understands replies of the type <see cref="Again"/>. A random part follows.</summary>
    public const string MarkedCallbackQueuePrefix = CallbackQueuePrefix + "~";

    /// <summary>The <c>type</c> of a reply that sends a request back: it was not run, and its caller decides whether to send it again.</summary>
    public const string Again = "again";

    /// <summary>A parameter of <c>content_type</c>. In a batch: a server sent its calls back, and they may have run before.</summary>
    public const string SentAgain = ";again=1";

    /// <summary>The prefix of the name of an instance's queue for cancels. A random part follows.</summary>
    public const string CancelQueuePrefix = "rpc.cx.";

    /// <summary>The prefix of the reply addresses of RabbitMQ's direct reply-to.</summary>
    public const string DirectReplyTo = "amq.rabbitmq.reply-to";

    /// <summary>The suffix of the name of a request queue's fanout exchange for cancels.</summary>
    public const string CancelExchangeSuffix = ".cancel";

    /// <summary>The fanout exchange to which the inboxes of all instances of all services are bound.</summary>
    public const string ServicesExchange = "rpc.services";

    /// <summary>The suffix of the name of a request queue's fanout exchange for broadcasts.</summary>
    public const string BroadcastExchangeSuffix = ".broadcast";

    /// <summary>The prefix of the name of an instance's queue for broadcasts. A random part follows.</summary>
    public const string BroadcastQueuePrefix = "rpc.bc.";

    /// <summary>The version of the protocol.</summary>
    public const int ProtocolVersion = 1;

    /// <summary>The <c>type</c> of a request for the identity of the instance that answers.</summary>
    public const string Ping = "$ping";

    /// <summary>The <c>type</c> of a request for the contract.</summary>
    public const string Describe = "$describe";

    /// <summary>The <c>type</c> of a request for what the instance has done and does.</summary>
    public const string Stats = "$stats";

    /// <summary>The <c>type</c> of a request to be told of calls as they end.</summary>
    public const string Watch = "$watch";

    /// <summary>The <c>type</c> of a message with calls that have ended, for those who watch.</summary>
    public const string Events = "events";

    /// <summary>The header with the caller's span (W3C Trace Context).</summary>
    public const string TraceParent = ReservedHeaders.TraceParent;

    /// <summary>The header with the state of tracing systems (W3C Trace Context).</summary>
    public const string TraceState = ReservedHeaders.TraceState;

    /// <summary>The header with the caller's baggage (W3C Baggage).</summary>
    public const string Baggage = ReservedHeaders.Baggage;

    /// <summary>A header of a dead letter: the queue that the request came from.</summary>
    public const string DeadQueue = ReservedHeaders.ProtocolPrefix + "queue";

    /// <summary>A header of a dead letter: the code that a caller would have got.</summary>
    public const string DeadCode = ReservedHeaders.ProtocolPrefix + "code";

    /// <summary>A header of a dead letter: the text that a caller would have got.</summary>
    public const string DeadReason = ReservedHeaders.ProtocolPrefix + "reason";

    /// <summary>A header of a dead letter: when the request was given up, in seconds since 1970-01-01.</summary>
    public const string DeadTime = ReservedHeaders.ProtocolPrefix + "time";

    /// <summary>The first character of every <c>type</c> that is not a method.</summary>
    public const char ReservedTypePrefix = '$';
}
