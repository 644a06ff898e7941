using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// The channels on which the broker confirms what is published, opened when first needed and again when lost: one for
/// requests, and one for each exchange, since publishing to an exchange that does not exist closes the channel.
/// </summary>
internal sealed class PublisherPool(Supervisor<ITransportConnection> connections, RpcEnvironment environment) : IAsyncDisposable
{
    /// <summary>A connection may be lost before its loss is known: what fails then is tried again after this.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (ITransportConnection Connection, Task<PublisherLink> Opening)> _links = new(StringComparer.Ordinal);

    /// <summary>Why nothing can be sent now, as a sentence; empty where it can.</summary>
    public string Trouble => connections.Current switch
    {
        null => $" There is no connection: {connections.DownReason}.",
        { BlockedReason: { } reason } => $" The broker blocks publishers: {reason}.",
        _ => "",
    };

    /// <summary>The connection, once there is one and the broker takes messages.</summary>
    public async Task<ITransportConnection> GetConnectionAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ITransportConnection connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
            if (connection.BlockedReason is null)
            {
                return connection;
            }

            await ChangeAsync(connection, cancellationToken).ConfigureAwait(false);
            if (connection.Closed.IsCompleted)
            {
                await Task.Delay(Pause, environment.Time, cancellationToken).ConfigureAwait(false); // until its loss is known, it is what GetAsync gives
            }
        }
    }

    /// <summary>The channel for an exchange, once there is a way.</summary>
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
                // The connection is going.
            }

            await Task.Delay(Pause, environment.Time, cancellationToken).ConfigureAwait(false);
        }
    }

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
            if (_links.TryGetValue(exchange, out var known) &&
                (known.Connection == connection || known.Connection == connections.Current) &&
                (!known.Opening.IsCompleted || known.Opening is { IsCompletedSuccessfully: true, Result.IsClosed: false }))
            {
                return known.Opening;
            }

            using (AmbientFlow.Suppress())
            {
                link = Task.Run(() => OpenAsync(connection));
                _links[exchange] = (connection, link);
            }
        }

        // Whoever waits for it may have given up by then.
        _ = link.ContinueWith(static opening => _ = opening.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return link;
    }

    // Not for one caller alone, hence without a token: it ends with the connection.
    private static async Task<PublisherLink> OpenAsync(ITransportConnection connection) =>
        new(await connection.OpenPublisherAsync(CancellationToken.None).ConfigureAwait(false));

    /// <summary>Waits until the broker has said something new about blocking, or the connection is gone.</summary>
    private static async Task ChangeAsync(ITransportConnection connection, CancellationToken cancellationToken)
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
