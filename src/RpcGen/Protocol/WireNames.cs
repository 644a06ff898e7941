namespace RpcGen.Protocol;

/// <summary>Every name that version 1 of the protocol puts on the wire.</summary>
internal static class WireNames
{
    /// <summary>RFC 8259.</summary>
    public const string Json = "application/json";

    /// <summary>RFC 9457.</summary>
    public const string ProblemJson = "application/problem+json";

    /// <summary>What the tutorial's clients send; its text is JSON all the same.</summary>
    public const string PlainText = "text/plain";

    /// <summary>The <c>type</c> of a reply that carries a fault.</summary>
    public const string Fault = "fault";

    /// <summary>The <c>type</c> of a message that several calls, or several replies, share.</summary>
    public const string Batch = "$batch";

    /// <summary>
    /// A parameter of <c>content_type</c>. In a request: the client reads batches, and asks whether it may send some. In a
    /// reply: the server reads them, and the method is quick enough to share them.
    /// </summary>
    public const string Batchable = ";batch=1";

    /// <summary>In a reply: the server reads batches, but the method takes so long that its calls had better travel singly.</summary>
    public const string Unbatchable = ";batch=0";

    /// <summary>Before a fault's code in the <c>type</c> member of its problem details.</summary>
    public const string FaultUrn = "urn:rpcgen:fault:";

    /// <summary>Before the random part of a callback queue's name.</summary>
    public const string CallbackQueuePrefix = "rpc.cb.";

    /// <summary>Before the random part of the queue on which an instance hears of cancelled calls.</summary>
    public const string CancelQueuePrefix = "rpc.cx.";

    /// <summary>How RabbitMQ's own reply addresses start.</summary>
    public const string DirectReplyTo = "amq.rabbitmq.reply-to";

    /// <summary>After a request queue's name: the fanout exchange for cancelled calls.</summary>
    public const string CancelExchangeSuffix = ".cancel";

    /// <summary>After a request queue's name: the fanout exchange for calls that every instance gets.</summary>
    public const string BroadcastExchangeSuffix = ".broadcast";

    /// <summary>Before the random part of the queue on which an instance gets these calls.</summary>
    public const string BroadcastQueuePrefix = "rpc.bc.";

    /// <summary>The version of the protocol.</summary>
    public const int ProtocolVersion = 1;

    /// <summary>The <c>type</c> of a request that asks which instance answers.</summary>
    public const string Ping = "$ping";

    /// <summary>The <c>type</c> of a request that asks for the contract, and how the instance fares.</summary>
    public const string Describe = "$describe";

    /// <summary>The header of W3C Trace Context that names the caller's span.</summary>
    public const string TraceParent = ReservedHeaders.TraceParent;

    /// <summary>The header of W3C Trace Context for what tracing systems add.</summary>
    public const string TraceState = ReservedHeaders.TraceState;

    /// <summary>The header of W3C Baggage.</summary>
    public const string Baggage = ReservedHeaders.Baggage;

    /// <summary>What message types start with that are not methods.</summary>
    public const char ReservedTypePrefix = '$';
}
