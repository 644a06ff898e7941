using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>
/// A supervised connection that the first user opens. If opening fails, the next user tries again. Thread-safe.
/// </summary>
/// <param name="create">Creates the supervisor.</param>
/// <param name="opensInBackground">Whether users get a supervisor that is still connecting, instead of the failure of its first attempt.</param>
internal sealed class OnDemandConnection(Func<Supervisor<ITransportConnection>> create, bool opensInBackground) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private Task<Supervisor<ITransportConnection>>? _opening;

    /// <summary>Gets the connection. The first caller opens it.</summary>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public Task<Supervisor<ITransportConnection>> GetAsync()
    {
        lock (_gate)
        {
            ThrowIfClosed();

            // From here on, disposal closes what is opened.
            return _opening is { IsFaulted: false, IsCanceled: false } ? _opening : _opening = OpenAsync();
        }
    }

    /// <summary>Throws once <see cref="CloseAsync"/> was called.</summary>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public void ThrowIfClosed()
    {
        if (_closed.IsCancellationRequested)
        {
            throw Disposed();
        }
    }

    /// <summary>Refuses new users and ends an attempt to connect. Users that have the connection keep it until disposal.</summary>
    public Task CloseAsync() => _closed.CancelAsync();

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        Task<Supervisor<ITransportConnection>>? opening;
        lock (_gate)
        {
            opening = _opening;
        }

        if (opening is null)
        {
            return;
        }

        try
        {
            await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcConnectionException or OperationCanceledException)
        {
            // The connection was never open.
        }
    }

    /// <summary>Names the type that users dispose.</summary>
    private static ObjectDisposedException Disposed() => new("RpcConnection");

    private async Task<Supervisor<ITransportConnection>> OpenAsync()
    {
        Supervisor<ITransportConnection> connection = create();
        if (opensInBackground)
        {
            connection.StartInBackground();
        }
        else
        {
            await connection.StartAsync(_closed.Token).ConfigureAwait(false);
        }

        return connection;
    }
}
