using RpcGen.Client.Watching;

namespace RpcGen;

/// <summary>
/// Calls of running servers as they end, from <see cref="RpcConnection.WatchAsync"/>. Thread-safe. Dispose it to stop watching.
/// </summary>
public sealed class RpcCallWatch : IAsyncDisposable
{
    private readonly CallWatcher _watcher;

    internal RpcCallWatch(CallWatcher watcher) => _watcher = watcher;

    /// <summary>The instances that are watched. Those that start later are found within 10 seconds.</summary>
    public IReadOnlyList<RpcServiceInstance> Instances => _watcher.Instances;

    /// <summary>
    /// How many calls have ended that are not among the events. An instance sends 500 events in a second at most, and 10,000 events at most wait to be read.
    /// </summary>
    public long Omitted => _watcher.Omitted;

    /// <summary>
    /// Reads the calls that have ended since the watch began, and those that end from now on. Several readers share the events. The enumeration
    /// ends when the watch is disposed.
    /// </summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="RpcConnectionException">The connection was lost. Watch again.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IAsyncEnumerable<RpcCallEvent> ReadAllAsync(CancellationToken cancellationToken = default) => _watcher.Events.ReadAllAsync(cancellationToken);

    /// <summary>Stops watching. Instances stop sending events within 30 seconds.</summary>
    public ValueTask DisposeAsync() => _watcher.DisposeAsync();
}
