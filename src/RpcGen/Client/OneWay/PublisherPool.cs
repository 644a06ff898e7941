using RpcGen.Client.Calls;
using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.OneWay;

/// <summary>
/// The channels with publisher confirms, opened when first needed and again when lost. There is one for each exchange,
/// because publishing to a missing exchange closes the channel. Thread-safe.
/// </summary>
internal sealed class PublisherPool(Supervisor<ITransportConnection> connections, RpcEnvironment environment) : IAsyncDisposable
{
    /// <summary>The pause before another try if a channel could not be opened: the connection's loss may not be known yet.</summary>
    public static readonly TimeSpan ReopenPause = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a refused exchange is not published to again.</summary>
    public static readonly TimeSpan MaxRefusalAge = LinkExchanges.MaxRefusalAge;

    /// <summary>How many exchanges have a channel. When there are more, the least recently used channel is closed, because a connection has a limited number of channels.</summary>
    public const int MaxChannels = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (TransportRefusedException Refusal, long At)> _refusals = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, (ITransportConnection Connection, Task<PublisherLink> Opening)> _links = new(StringComparer.Ordinal); // the latest use last
    private SweepMark _mark;

    /// <summary>Why nothing can be sent now, as a sentence without its full stop; null if something can.</summary>
    public string? UnavailableReason => connections.Current switch
    {
        null => $"There is no connection: {connections.DownReason}",
        { BlockedReason: { } reason } => $"The broker blocks publishers: {reason}",
        _ => null,
    };

    /// <summary>Why the broker refused publishing to an exchange within the last second; null if it did not.</summary>
    public TransportRefusedException? FindRefusal(string exchange)
    {
        lock (_gate)
        {
            return _refusals.TryGetValue(exchange, out var known) && IsRecent(known.At) ? known.Refusal : null;
        }
    }

    /// <summary>Remembers that the broker refuses publishing to an exchange.</summary>
    public void NoteRefusal(string exchange, TransportRefusedException refusal)
    {
        lock (_gate)
        {
            if (_mark.IsReached(_refusals.Count))
            {
                SweepRefusals();
            }

            _refusals[exchange] = (refusal, environment.Time.GetTimestamp());
        }
    }

    /// <summary>Waits for a connection that the broker does not block.</summary>
    public async Task<ITransportConnection> GetConnectionAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ITransportConnection connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
            if (connection.BlockedReason is null)
            {
                return connection;
            }

            await WaitForChangeAsync(connection, cancellationToken).ConfigureAwait(false);
            if (connection.Closed.IsCompleted)
            {
                // Still the current connection: its loss is not known yet. Without the pause, this would loop until it is.
                await Task.Delay(ReopenPause, environment.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for an open channel for an exchange.</summary>
    public async Task<PublisherLink> GetAsync(string exchange, CancellationToken cancellationToken)
    {
        while (true)
        {
            ITransportConnection connection = await GetConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                PublisherLink link = await FindOrOpen(exchange, connection).WaitAsync(cancellationToken).ConfigureAwait(false);
                if (!link.IsClosed)
                {
                    return link;
                }
            }
            catch (TransportClosedException)
            {
                // The connection is closing: the next try waits for another one.
            }

            await Task.Delay(ReopenPause, environment.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task<PublisherLink>[] links;
        lock (_gate)
        {
            links = [.. _links.Values.Select(link => link.Opening)];
            _links.Clear();
        }

        foreach (Task<PublisherLink> opening in links.Where(opening => opening.IsCompletedSuccessfully))
        {
            await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    private Task<PublisherLink> FindOrOpen(string exchange, ITransportConnection connection)
    {
        Task<PublisherLink> link;
        lock (_gate)
        {
            if (_links.Remove(exchange, out var known) && IsUsable(known.Connection, known.Opening, connection))
            {
                _links.Add(exchange, known);
                return known.Opening;
            }

            MakeRoom();
            using (AmbientFlow.Suppress())
            {
                link = Task.Run(() => OpenAsync(exchange, connection));
                _links.Add(exchange, (connection, link));
            }
        }

        // Observed: the callers who wait for the channel may have timed out by then.
        _ = link.ContinueWith(static opening => _ = opening.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return link;
    }

    /// <summary>
    /// Whether a known channel is open, or being opened, on a live connection. Threads that still hold an older connection
    /// must not replace a channel of the current one.
    /// </summary>
    private bool IsUsable(ITransportConnection owner, Task<PublisherLink> opening, ITransportConnection connection) =>
        (owner == connection || owner == connections.Current) &&
        (!opening.IsCompleted || opening is { IsCompletedSuccessfully: true, Result.IsClosed: false });

    /// <summary>Opens a channel. It has no caller's token, because several callers wait for it; it ends with the connection.</summary>
    private static async Task<PublisherLink> OpenAsync(string exchange, ITransportConnection connection)
    {
        TurnTaking turns = exchange.Length == 0 ? TurnTaking.Never
            : exchange.EndsWith(WireNames.BroadcastExchangeSuffix, StringComparison.Ordinal) ? TurnTaking.Always
            : TurnTaking.UntilConfirmed;
        return new PublisherLink(await connection.OpenPublisherAsync(CancellationToken.None).ConfigureAwait(false), connection.UserName, turns);
    }

    /// <summary>
    /// Closes the channel that was used least recently, if there are too many. One with messages in flight stays. Channels that could
    /// not be opened are removed too.
    /// </summary>
    private void MakeRoom()
    {
        for (int i = 0; i < _links.Count && _links.Count >= MaxChannels;)
        {
            (string exchange, (_, Task<PublisherLink> opening)) = _links.GetAt(i);
            if (exchange.Length == 0 || !opening.IsCompleted || (opening.IsCompletedSuccessfully && !opening.Result.TryRetire()))
            {
                i++;
                continue;
            }

            _links.RemoveAt(i);
            if (opening.IsCompletedSuccessfully)
            {
                _ = opening.Result.DisposeAsync().AsTask();
            }
        }
    }

    private bool IsRecent(long refusedAt) => environment.Time.GetElapsedTime(refusedAt) < MaxRefusalAge;

    private void SweepRefusals()
    {
        foreach ((string exchange, (TransportRefusedException _, long at)) in _refusals)
        {
            if (!IsRecent(at))
            {
                _refusals.Remove(exchange); // allowed while a dictionary is enumerated
            }
        }

        _mark.Set(_refusals.Count);
    }

    /// <summary>Waits until the broker stops blocking publishers, or the connection is closed.</summary>
    private static async Task WaitForChangeAsync(ITransportConnection connection, CancellationToken cancellationToken)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnChanged() => changed.TrySetResult();
        connection.BlockedChanged += OnChanged;
        try
        {
            if (connection.BlockedReason is not null)
            {
                await Task.WhenAny(changed.Task, connection.Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            connection.BlockedChanged -= OnChanged;
        }
    }
}
