using System.Collections.Concurrent;

namespace RpcGen.Server.Consuming;

/// <summary>
/// The draining of a server's links. A link whose queue was deleted finishes its calls in the background while the next link
/// serves. Stopping waits for all of them, and can end their grace periods. Thread-safe.
/// </summary>
#pragma warning disable CA1001 // The token source has neither timer nor wait handle: there is nothing to dispose.
internal sealed class LinkDrains
#pragma warning restore CA1001
{
    private readonly ConcurrentDictionary<Task, bool> _drains = new();
    private readonly CancellationTokenSource _graceOver = new();

    /// <summary>Fires when the grace period of running calls ends.</summary>
    public CancellationToken GraceOver => _graceOver.Token;

    /// <summary>Ends every grace period, of links that drain now or later.</summary>
    public void EndGracePeriod() => _ = _graceOver.CancelAsync();

    /// <summary>Adds a link that drains in the background.</summary>
    public void Add(Task drain)
    {
        _drains.TryAdd(drain, true);
        drain.ContinueWith(
            static (done, drains) => ((ConcurrentDictionary<Task, bool>)drains!).TryRemove(done, out _),
            _drains,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Completes when the added links have drained.</summary>
    public Task WhenAllAsync() => Task.WhenAll(_drains.Keys);
}
