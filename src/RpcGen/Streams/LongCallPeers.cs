using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>The long calls of a connection: those that it has made, and those that it runs. They survive the loss of their links. Thread-safe.</summary>
/// <param name="links">The connection on which peers watch each other.</param>
/// <param name="environment">The clock, randomness and the log.</param>
internal sealed class LongCallPeers(StreamLinks links, RpcEnvironment environment) : IDisposable
{
    /// <summary>The calls that this process has made.</summary>
    public AwaitedCalls Awaited { get; } = new(links, environment);

    /// <summary>The calls that this process runs.</summary>
    public ServedLongCalls Served { get; } = new(links, environment);

    /// <summary>Whether messages of peers are awaited.</summary>
    public bool IsAny => Awaited.IsAny || Served.IsAny;

    /// <summary>Takes a message that is about long calls. False for others.</summary>
    public bool TryTake(StreamLink link, StreamMessageKind kind, CorrelationId id, in IncomingMessage message)
    {
        switch (kind)
        {
            case StreamMessageKind.Waiting:
                Served.OnWaiting(link, in message);
                return true;
            case StreamMessageKind.Running:
                Awaited.OnRunning(in message);
                return true;
            case StreamMessageKind.Result or StreamMessageKind.Fault:
                return Awaited.TryReply(id, in message);
            default:
                return false;
        }
    }

    /// <summary>A message came back.</summary>
    public void OnReturned(ReturnedMessage message)
    {
        Awaited.OnReturned(message.RoutingKey);
        Served.OnReturned(message.RoutingKey, new CorrelationId(message.CorrelationId));
    }

    /// <summary>This process speaks from a new queue.</summary>
    public void OnLinkOpened(StreamLink link)
    {
        Awaited.OnLinkOpened();
        Served.OnLinkOpened(link);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Awaited.Dispose();
        Served.Dispose();
    }
}
