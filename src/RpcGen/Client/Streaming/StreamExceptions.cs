using RpcGen.Client.Calls;
using RpcGen.Streams;

namespace RpcGen.Client.Streaming;

/// <summary>Creates the exceptions of calls with streams, as <see cref="CallExceptions"/> does for other calls.</summary>
/// <param name="broker">The broker's address without credentials, for messages.</param>
internal sealed class StreamExceptions(string broker)
{
    /// <summary>No server has opened the stream in time.</summary>
    /// <param name="call">The call.</param>
    /// <param name="timeout">The time that it had.</param>
    /// <param name="wasSent">Whether the request was sent.</param>
    /// <param name="state">What is known of connection and queue, as a sentence.</param>
    public RpcTimeoutException NotOpened(CallIdentity call, TimeSpan timeout, bool wasSent, string state) =>
        new($"{call} was not opened on {broker} within {timeout.TotalSeconds:0.###} s. {(wasSent ? "The request was sent: it may have run and may still run. " : "The request was not sent. ")}{state}")
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = wasSent ? RpcExecution.Unknown : RpcExecution.NotStarted,
        };

    /// <summary>The other side, or the way to it, was lost.</summary>
    /// <param name="call">The call.</param>
    /// <param name="loss">What happened.</param>
    /// <param name="isOpen">Whether a server had opened the stream.</param>
    /// <param name="items">How many items the consumer has taken; null if the call receives no stream.</param>
    public RpcException Lost(CallIdentity call, StreamLoss loss, bool isOpen, long? items) => loss.Kind switch
    {
        StreamLossKind.MessagesLost => BreaksProtocol(call, loss.Reason, null),
        StreamLossKind.LinkLost => Connection(call, $"The connection for streams to {broker} was lost while {call} was in flight: {loss.Reason}.", isOpen, items),
        StreamLossKind.Disposed => Connection(call, $"The connection to {broker} was disposed while {call} was in flight.", isOpen, items, isPermanent: true),
        _ => Connection(call, $"The server of {call} was lost: {loss.Reason}.", isOpen, items),
    };

    /// <summary>A server that gives a stream up does not know how many items the consumer has taken: adds that.</summary>
    /// <param name="failure">What the server's fault says.</param>
    /// <param name="items">How many items the consumer has taken.</param>
    public static Exception AfterItems(Exception failure, long items) => failure is RpcConnectionException { ItemsReceived: 0 } interrupted && items > 0
        ? new RpcConnectionException($"{interrupted.Message} {items} items had been taken.", interrupted.InnerException)
        {
            CallId = interrupted.CallId,
            Method = interrupted.Method,
            Execution = RpcExecution.Started,
            ItemsReceived = items,
            IsPermanent = interrupted.IsPermanent,
        }
        : failure;

    /// <summary>What came breaks the protocol, or something is missing.</summary>
    public static RpcProtocolException BreaksProtocol(CallIdentity call, string reason, Exception? cause) =>
        new($"The stream of {call} was broken off: {reason}.", cause) { CallId = call.CallId, Method = call.Method, Execution = RpcExecution.Started };

    /// <summary>An item did not come in time.</summary>
    public static RpcTimeoutException Idle(CallIdentity call, int milliseconds, long items) =>
        new($"{call} brought no item for {milliseconds} ms, the IdleTimeoutMilliseconds of its [RpcStream]. It had brought {items}.")
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = RpcExecution.Started,
        };

    /// <summary>The stream took too long as a whole.</summary>
    public static RpcTimeoutException TotalOver(CallIdentity call, int milliseconds, long? items) =>
        new($"{call} was not complete after {milliseconds} ms, the TotalTimeoutMilliseconds of its [RpcStream].{(items is null ? "" : $" It had brought {items} items.")}")
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = RpcExecution.Started,
        };

    /// <summary>All own streams are sent, and neither the result nor progress came in time.</summary>
    public RpcTimeoutException NoResult(CallIdentity call, TimeSpan timeout) =>
        new($"{call} on {broker} brought no result within {timeout.TotalSeconds:0.###} s after its streams were sent, or after its last progress.")
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = RpcExecution.Started,
        };

    /// <summary>An item of an own stream breaks the contract.</summary>
    public static RpcValidationException InvalidItem(CallIdentity call, IReadOnlyDictionary<string, string[]> errors) =>
        new(errors) { CallId = call.CallId, Method = call.Method, Execution = RpcExecution.Started };

    /// <summary>An item of an own stream cannot be checked or written, or is too large.</summary>
    public static RpcProtocolException UnsendableItem(CallIdentity call, string parameter, long number, Exception cause) =>
        new($"Item {number} of the stream '{parameter}' of {call} cannot be sent: {cause.Message}", cause)
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = RpcExecution.Started,
        };

    private static RpcConnectionException Connection(CallIdentity call, string what, bool isOpen, long? items, bool isPermanent = false) =>
        new($"{what} {(isOpen && items is not null ? $"{items} items had been taken." : "It may have run.")}")
        {
            CallId = call.CallId,
            Method = call.Method,
            Execution = isOpen ? RpcExecution.Started : RpcExecution.Unknown,
            ItemsReceived = items ?? 0,
            IsPermanent = isPermanent,
        };
}
