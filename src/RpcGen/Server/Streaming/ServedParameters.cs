using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Streaming;

/// <summary>The streams that a served call receives. Filled while its arguments are read; thread-safe from then on.</summary>
/// <param name="link">The link.</param>
/// <param name="links">The settings of all streams.</param>
internal sealed class ServedParameters(StreamLink link, StreamLinks links) : RpcStreamReceivers
{
    private readonly List<ServedParameter> _all = [];

    /// <summary>How many items the handler has taken from all of them.</summary>
    public long TakenItems => _all.Sum(parameter => parameter.TakenItems);

    /// <inheritdoc/>
    public override IAsyncEnumerable<TItem> Receive<TItem>(RpcStreamProperty<TItem> parameter)
    {
        var received = new ServedParameter<TItem>(parameter, link, links.Budget, links.Time);
        _all.Add(received);
        return received;
    }

    /// <summary>The call is open.</summary>
    public void Bind(IParameterOwner owner) => _all.ForEach(parameter => parameter.Bind(owner));

    /// <summary>Tells the client who serves its call, and how much of each stream is taken. False if the link is closed.</summary>
    /// <exception cref="ArgumentException">The message has no form in AMQP.</exception>
    public async Task<bool> AnnounceAsync()
    {
        foreach (ServedParameter parameter in _all)
        {
            if (!await parameter.AnnounceAsync(links.Settings.Beat).ConfigureAwait(false))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A message of the client about a stream. Returns what is wrong with it; null if nothing is.</summary>
    public string? OnMessage(StreamMessageKind kind, string name, in IncomingMessage message) =>
        _all.Find(parameter => parameter.Name == name) is { } parameter ? parameter.OnMessage(kind, in message) : $"the method takes no stream '{name}'";

    /// <summary>The code of the fault for a failure that the handler got from one of the streams; null for other exceptions.</summary>
    public string? FindCode(Exception exception) =>
        _all.Select(parameter => parameter.Break).FirstOrDefault(broken => broken is { } known && ReferenceEquals(known.Exception, exception))?.Code;

    /// <summary>The call is cancelled.</summary>
    public void Cancel(CancellationToken cancellationToken) => _all.ForEach(parameter => parameter.Cancel(cancellationToken));

    /// <summary>The call is over, or was never opened.</summary>
    public void End() => _all.ForEach(static parameter => parameter.End());
}
