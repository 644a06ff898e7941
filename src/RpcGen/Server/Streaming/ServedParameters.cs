using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Streaming;

/// <summary>The streams that a served call receives, and its progress. Filled while its arguments are read; thread-safe from then on.</summary>
/// <param name="link">The link.</param>
/// <param name="links">The settings of all streams.</param>
/// <param name="window">How many bytes of each progress the client takes before its first grant.</param>
internal sealed class ServedParameters(StreamLink link, StreamLinks links, long window) : RpcStreamReceivers
{
    private readonly List<ServedParameter> _all = [];
    private readonly List<ServedProgress> _progress = [];

    /// <summary>How many items the handler has taken from all of them.</summary>
    public long TakenItems => _all.Sum(parameter => parameter.TakenItems);

    /// <inheritdoc/>
    public override IAsyncEnumerable<TItem> Receive<TItem>(RpcStreamProperty<TItem> parameter)
    {
        var received = new ServedParameter<TItem>(parameter, link, links.Budget, links.Time);
        _all.Add(received);
        return received;
    }

    /// <inheritdoc/>
    public override Stream ReceiveBytes(RpcByteStreamProperty parameter)
    {
        var received = new ServedParameter<ReadOnlyMemory<byte>>(parameter.Pieces, link, links.Budget, links.Time);
        _all.Add(received);
        return new ByteStream(received, received.Interrupt);
    }

    /// <inheritdoc/>
    public override IProgress<TItem> CreateProgress<TItem>(RpcProgressProperty<TItem> parameter)
    {
        var progress = new ServedProgress<TItem>(parameter, link, links, window);
        _progress.Add(progress);
        return progress;
    }

    /// <summary>The call is open.</summary>
    public void Bind(IParameterOwner owner)
    {
        _all.ForEach(parameter => parameter.Bind(owner));
        _progress.ForEach(progress => progress.Bind(owner.Call));
    }

    /// <summary>Tells the client who serves its call, and how much of each stream is taken. False if the link is closed.</summary>
    /// <exception cref="ArgumentException">The message has no form in AMQP.</exception>
    public async Task<bool> AnnounceAsync(StreamCall call)
    {
        if (_all.Count == 0)
        {
            return await link.SendAsync(call, link.To(call.PeerQueue, StreamMessageKinds.Open, call.WireId, StreamBodies.WriteOpen(links.Settings.Beat))).ConfigureAwait(false);
        }

        foreach (ServedParameter parameter in _all)
        {
            if (!await parameter.AnnounceAsync(links.Settings.Beat).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a message about a parameter is one that the server takes.</summary>
    public bool Takes(StreamMessageKind kind, string name) => kind is StreamMessageKind.Grant or StreamMessageKind.Cancel
        ? _progress.Exists(progress => progress.Name == name)
        : _all.Exists(parameter => parameter.Name == name);

    /// <summary>A message of the client about a parameter. Returns what is wrong with it; null if nothing is.</summary>
    public string? OnMessage(StreamMessageKind kind, string name, in IncomingMessage message)
    {
        if (kind is StreamMessageKind.Grant or StreamMessageKind.Cancel)
        {
            return _progress.Find(progress => progress.Name == name) is { } progress ? progress.OnMessage(kind, in message) : $"the method reports no progress '{name}'";
        }

        return _all.Find(parameter => parameter.Name == name) is { } parameter ? parameter.OnMessage(kind, in message) : $"the method takes no stream '{name}'";
    }

    /// <summary>The code of the fault for a failure that the handler got from one of the streams; null for other exceptions.</summary>
    public string? FindCode(Exception exception) =>
        _all.Select(parameter => parameter.Break).FirstOrDefault(broken => broken is { } known && ReferenceEquals(known.Exception, exception))?.Code;

    /// <summary>Sends all progress that was reported, and its end. Completes also if nobody takes it any more.</summary>
    public Task CompleteProgressAsync() => Task.WhenAll(_progress.Select(static progress => progress.CompleteAsync()));

    /// <summary>The call is cancelled.</summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        _all.ForEach(parameter => parameter.Cancel(cancellationToken));
        _progress.ForEach(static progress => progress.GiveUp());
    }

    /// <summary>The call is over, or was never opened.</summary>
    public void End()
    {
        _all.ForEach(static parameter => parameter.End());
        _progress.ForEach(static progress => progress.GiveUp());
    }
}
