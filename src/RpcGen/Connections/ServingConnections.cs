using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>
/// The connections for serving: one, and further ones when its channels are used up. Each server keeps one channel, and needs
/// others for a moment when it starts. Thread-safe.
/// </summary>
/// <param name="create">Creates the supervisor of a connection.</param>
/// <param name="opensInBackground">As for <see cref="OnDemandConnection"/>.</param>
internal sealed class ServingConnections(Func<Supervisor<ITransportConnection>> create, bool opensInBackground) : IAsyncDisposable
{
    /// <summary>The limit of RabbitMQ's default settings, for a connection that has not been open yet.</summary>
    private const int UsualChannelMax = 2047;

    private readonly Lock _gate = new();
    private readonly List<SharedConnection> _all = [new(new OnDemandConnection(create, opensInBackground))];

    /// <summary>Gets a place on a connection. The first caller opens it.</summary>
    /// <exception cref="ObjectDisposedException">The connections were closed.</exception>
    public async Task<ServingPlace> GetPlaceAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; ; i++)
        {
            SharedConnection shared = GetOrAdd(i);
            Supervisor<ITransportConnection> connection = await shared.Connection.GetAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            int channels = connection.Current?.ChannelMax ?? UsualChannelMax;
            lock (_gate)
            {
                if (shared.Servers < Math.Max(1, channels / 2)) // the other half is for what is opened for a moment
                {
                    shared.Servers++;
                    return new ServingPlace(connection, () => Leave(shared));
                }
            }
        }
    }

    /// <summary>Refuses new users and ends attempts to connect.</summary>
    public Task CloseAsync() => Task.WhenAll(All().Select(shared => shared.Connection.CloseAsync()));

    /// <summary>Closes the connections.</summary>
    public async ValueTask DisposeAsync() => await Task.WhenAll(All().Select(shared => shared.Connection.DisposeAsync().AsTask())).ConfigureAwait(false);

    private SharedConnection GetOrAdd(int index)
    {
        lock (_gate)
        {
            if (index == _all.Count)
            {
                _all[0].Connection.ThrowIfClosed();
                _all.Add(new SharedConnection(new OnDemandConnection(create, opensInBackground)));
            }

            return _all[index];
        }
    }

    private void Leave(SharedConnection shared)
    {
        lock (_gate)
        {
            shared.Servers--;
        }
    }

    private SharedConnection[] All()
    {
        lock (_gate)
        {
            return [.. _all];
        }
    }

    private sealed class SharedConnection(OnDemandConnection connection)
    {
        public OnDemandConnection Connection { get; } = connection;

        public int Servers { get; set; }
    }
}

/// <summary>A server's place on a connection.</summary>
/// <param name="connection">The connection.</param>
/// <param name="leave">Gives the place to another server.</param>
internal sealed class ServingPlace(Supervisor<ITransportConnection> connection, Action leave)
{
    private Action? _leave = leave;

    /// <summary>The connection.</summary>
    public Supervisor<ITransportConnection> Connection => connection;

    /// <summary>The server has stopped. Idempotent.</summary>
    public void Leave() => Interlocked.Exchange(ref _leave, null)?.Invoke();
}
