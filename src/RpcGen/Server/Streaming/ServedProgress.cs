using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Streaming;

/// <summary>The progress of a served call, as the call knows it. Thread-safe.</summary>
internal abstract class ServedProgress(string name, StreamLink link, StreamLinks links, long window)
{
    private StreamSender? _sender;

    /// <summary>The parameter.</summary>
    public string Name => name;

    /// <summary>Sends the values; null before the call is open.</summary>
    protected StreamSender? Sender => Volatile.Read(ref _sender);

    /// <summary>The call is open.</summary>
    public void Bind(StreamCall call) =>
        Volatile.Write(ref _sender, new StreamSender(link, call, links, name, new StreamCredit(window, long.MaxValue)) { OnGivenUp = static () => { } });

    /// <summary>What the client says of the progress. Returns what is wrong with it; null if nothing is.</summary>
    public string? OnMessage(StreamMessageKind kind, in IncomingMessage message)
    {
        if (kind == StreamMessageKind.Cancel)
        {
            GiveUp();
            return null;
        }

        try
        {
            Sender?.OnGrant(StreamBodies.ReadGrant(message.Body.Span).Bytes, items: 0);
            return null;
        }
        catch (JsonException e)
        {
            return $"a grant cannot be read: {e.Message}";
        }
    }

    /// <summary>Sends all that was reported, and the end. Nothing is sent after that. Never fails.</summary>
    public Task CompleteAsync()
    {
        if (Sender is not { } sender)
        {
            return Task.CompletedTask;
        }

        sender.Complete(fault: default);
        return sender.Ended;
    }

    /// <summary>Nobody takes the progress any more.</summary>
    public void GiveUp() => Sender?.GiveUp();
}

/// <summary>What a handler reports to. It can go on reporting after it has returned: that is not sent.</summary>
internal sealed class ServedProgress<TItem>(RpcProgressProperty<TItem> property, StreamLink link, StreamLinks links, long window)
    : ServedProgress(property.Name, link, links, window), IProgress<TItem>
{
    /// <inheritdoc/>
    /// <exception cref="Exception">The value cannot be written, or exceeds the limit for messages.</exception>
    public void Report(TItem value) => Sender?.WriteLatest(value, property.Items.Type);
}
