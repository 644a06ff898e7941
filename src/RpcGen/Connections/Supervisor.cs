using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>
/// Keeps one thing open: opens it, waits for its loss, opens it again after a delay, until disposed. Thread-safe.
/// RabbitMQ.Client's own recovery is not used, for it can end for good without a sign.
/// </summary>
/// <typeparam name="T">A connection, or a channel with what was set up on it.</typeparam>
internal sealed class Supervisor<T> : IAsyncDisposable
    where T : class, ISupervised
{
    private static readonly TimeSpan Lasting = TimeSpan.FromMilliseconds(500);

    private readonly string _name;
    private readonly Func<TransportClosure?, CancellationToken, Task<T>> _open;
    private readonly RpcEnvironment _environment;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _firstFailure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<T> _whenOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile T? _current;
    private volatile string _trouble = "it was never open";
    private Task? _running;

    /// <param name="name">What is kept open, for logs and messages.</param>
    /// <param name="open">Opens it; gets how the previous one was lost, null the first time.</param>
    /// <param name="environment">Time, randomness, log.</param>
    public Supervisor(string name, Func<TransportClosure?, CancellationToken, Task<T>> open, RpcEnvironment environment)
    {
        _name = name;
        _open = open;
        _environment = environment;
    }

    /// <summary>What is open now, as far as is known; null while it is not.</summary>
    public T? Current => _current;

    /// <summary>Why it is not open, as a clause for messages; meaningful while <see cref="Current"/> is null.</summary>
    public string Trouble => _trouble;

    /// <summary>Completes when an attempt in the background has failed.</summary>
    public Task FirstFailure => _firstFailure.Task;

    /// <summary>Called after each opening, before anything waits for the loss. Set before start; must not throw.</summary>
    public Action<T>? Opened { get; init; }

    /// <summary>Called when it is to be closed for good and is still open, to end what goes on there. Set before start.</summary>
    public Func<T, Task>? Closing { get; init; }

    /// <summary>Called after each loss. Set before start; must not throw.</summary>
    public Action<T, TransportClosure>? Lost { get; init; }

    /// <summary>Opens it for the first time, and from then on keeps it open. The first failure is thrown and ends it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        Task<T> opening;
        using (AmbientFlow.Suppress()) // what is opened outlives the caller, and must not keep its ambient values
        {
            opening = Task.Run(() => _open(null, attempt.Token), CancellationToken.None);
        }

        T first = await opening.ConfigureAwait(false);
        Task? published = null;
        lock (_gate)
        {
            if (!_stopping.IsCancellationRequested)
            {
                published = _whenOpen.Task;
                using (AmbientFlow.Suppress())
                {
                    _running = Task.Run(() => KeepOpenAsync(first), CancellationToken.None);
                }
            }
        }

        if (published is not null)
        {
            await published.ConfigureAwait(false); // whoever waited finds it open
            return;
        }

        await first.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(_name);
    }

    /// <summary>Keeps it open without waiting for the first time: attempts go on until one succeeds.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public void StartInBackground()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            using (AmbientFlow.Suppress())
            {
                _running = Task.Run(() => KeepOpenAsync(first: null), CancellationToken.None);
            }
        }
    }

    /// <summary>What is open, waited for.</summary>
    /// <exception cref="ObjectDisposedException">Nothing will be opened any more.</exception>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _whenOpen.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Closes what is open and opens nothing more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task? running;
        lock (_gate)
        {
            running = _running;
            if (!_whenOpen.TrySetException(new ObjectDisposedException(_name)) && running is null)
            {
                _whenOpen = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
                _whenOpen.SetException(new ObjectDisposedException(_name));
            }

            _ = _whenOpen.Task.Exception; // observed: nobody has to be waiting
        }

        if (running is not null)
        {
            await running.ConfigureAwait(false);
        }
    }

    private async Task KeepOpenAsync(T? first)
    {
        var backoff = new Backoff(_environment.Random);
        T? current = first ?? await OpenAsync(last: null, backoff).ConfigureAwait(false);
        while (current is not null)
        {
            long openedAt = _environment.Time.GetTimestamp();
            Publish(current);
            TransportClosure closure = await WaitForEndAsync(current).ConfigureAwait(false);
            if (_stopping.IsCancellationRequested && !current.Closed.IsCompleted && Closing is not null)
            {
                await Guard(() => Closing(current)).ConfigureAwait(false);
            }

            Withdraw(current, closure);
            await Guard(() => current.DisposeAsync().AsTask()).ConfigureAwait(false);
            if (_environment.Time.GetElapsedTime(openedAt) > Lasting)
            {
                backoff.Reset(); // it works: what ended it now is no reason to wait as long as for what does not open
            }

            current = await OpenAsync(closure, backoff).ConfigureAwait(false);
        }
    }

    private void Publish(T current)
    {
        lock (_gate)
        {
            _current = current;
            _whenOpen.TrySetResult(current);
        }

        Guard(() => Opened?.Invoke(current));
    }

    private async Task<TransportClosure> WaitForEndAsync(T current)
    {
        try
        {
            return await current.Closed.WaitAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new TransportClosure("it was closed by this application");
        }
    }

    private void Withdraw(T current, TransportClosure closure)
    {
        lock (_gate)
        {
            _current = null;
            _trouble = closure.Reason;
            _whenOpen = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_stopping.IsCancellationRequested)
            {
                _whenOpen.SetException(new ObjectDisposedException(_name));
                _ = _whenOpen.Task.Exception; // observed: nobody has to be waiting
            }
        }

        if (!_stopping.IsCancellationRequested)
        {
            Log.Lost(_environment.Log, _name, closure.Reason);
        }

        Guard(() => Lost?.Invoke(current, closure));
    }

    /// <summary>Attempts until one succeeds; the very first, with nothing lost before, is made at once. Null when disposed.</summary>
    private async Task<T?> OpenAsync(TransportClosure? last, Backoff backoff)
    {
        bool isFirst = last is null;
        for (TimeSpan pause = isFirst ? TimeSpan.Zero : backoff.Next(); !_stopping.IsCancellationRequested; pause = backoff.Next())
        {
            try
            {
                await Task.Delay(pause, _environment.Time, _stopping.Token).ConfigureAwait(false);
                T opened = await _open(last, _stopping.Token).ConfigureAwait(false);
                if (isFirst)
                {
                    Log.Opened(_environment.Log, _name);
                }
                else
                {
                    Log.Reopened(_environment.Log, _name);
                }

                return opened;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return null;
            }
#pragma warning disable CA1031 // Whatever went wrong, the next attempt may not: the log and the messages of calls have it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _trouble = e.Message.TrimEnd('.');
                _firstFailure.TrySetResult();
                Log.ReopenFailed(_environment.Log, _name, _trouble, SaysAll(e) ? null : e);
                last = e is TransportClosedException lost ? lost.Closure : last;
            }
        }

        return null;
    }

    /// <summary>Whether the message tells what is wrong, so that the log needs no stack with each attempt.</summary>
    private static bool SaysAll(Exception exception) => exception is RpcException or TransportClosedException or TransportRefusedException;

    /// <summary>A failure in a callback must not end the keeping open: it is logged.</summary>
    private void Guard(Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // See above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CallbackFailed(_environment.Log, _name, e);
        }
    }

    /// <inheritdoc cref="Guard(Action)"/>
    private async Task Guard(Func<Task> action)
    {
        try
        {
            await action().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // See above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CallbackFailed(_environment.Log, _name, e);
        }
    }
}
