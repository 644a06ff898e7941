using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Streaming;

/// <summary>
/// The open streams of one server. They have left its places and its prefetched messages: their requests are acknowledged. Thread-safe.
/// </summary>
/// <param name="links">The streams of the connection.</param>
/// <param name="maxStreams">How many streams can be open at a time.</param>
internal sealed class OpenStreams(StreamLinks links, int maxStreams)
{
    private readonly Lock _gate = new();
    private readonly HashSet<IServedStream> _open = [];
    private TaskCompletionSource? _whenEmpty;
    private int _places;

    /// <summary>The streams of the connection.</summary>
    public StreamLinks Links => links;

    /// <summary>How many streams are open, or being opened.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _places;
            }
        }
    }

    /// <summary>How many can be.</summary>
    public int Max => maxStreams;

    /// <summary>Takes a place for a stream. False if all are taken.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_places >= maxStreams)
            {
                return false;
            }

            _places++;
            return true;
        }
    }

    /// <summary>The stream has taken its place, and gives it back by itself.</summary>
    public void Add(IServedStream stream)
    {
        lock (_gate)
        {
            _open.Add(stream);
        }
    }

    /// <summary>Gives a place back.</summary>
    /// <param name="stream">The stream that had it; null if it was not opened.</param>
    public void Leave(IServedStream? stream)
    {
        TaskCompletionSource? empty;
        lock (_gate)
        {
            _places--;
            if (stream is not null)
            {
                _open.Remove(stream);
            }

            empty = _places == 0 ? _whenEmpty : null;
        }

        empty?.TrySetResult();
    }

    /// <summary>Cancels a stream whose caller did not know yet who serves it. False for an unknown stream.</summary>
    public bool TryCancel(string replyTo, CorrelationId id)
    {
        if (links.Current?.FindServed(replyTo, id) is not IServedStream stream)
        {
            return false;
        }

        stream.Cancel();
        return true;
    }

    /// <summary>Waits until no stream is open; gives up those that are open after the grace period.</summary>
    /// <param name="graceOver">Completes at the end of the grace period.</param>
    /// <returns>How many were given up.</returns>
    public async Task<int> DrainAsync(Task graceOver)
    {
        Task whenEmpty;
        lock (_gate)
        {
            _whenEmpty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_places == 0)
            {
                _whenEmpty.TrySetResult();
            }

            whenEmpty = _whenEmpty.Task;
        }

        if (await Task.WhenAny(whenEmpty, graceOver).ConfigureAwait(false) == whenEmpty)
        {
            return 0;
        }

        IServedStream[] left;
        lock (_gate)
        {
            left = [.. _open];
        }

        await Task.WhenAll(left.Select(stream => stream.InterruptAsync())).ConfigureAwait(false);
        return left.Length;
    }
}

/// <summary>A stream that this process serves. Thread-safe.</summary>
internal interface IServedStream
{
    /// <summary>The caller wants no more.</summary>
    void Cancel();

    /// <summary>The server stops: ends the stream, and tells the caller. Never fails.</summary>
    Task InterruptAsync();
}
