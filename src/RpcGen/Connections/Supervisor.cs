using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>
/// Keeps one object open: opens it, waits until it is lost, and reopens it after a delay, until disposed. Thread-safe.
/// RabbitMQ.Client's own recovery is off, because a connection that drops again while it recovers can stay closed for good.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>State</term><description>Event → next state</description></listheader>
/// <item><term>Idle</term><description>start → Opening; disposal → Closed.</description></item>
/// <item><term>Opening</term><description>opened → Open; failed → Idle after <see cref="StartAsync"/>, or another attempt after
/// a delay (Opening) after <see cref="StartInBackground"/>; disposal → Closed.</description></item>
/// <item><term>Open</term><description>lost → Reopening; disposal → Closed.</description></item>
/// <item><term>Reopening</term><description>opened → Open; failed → another attempt after a delay (Reopening), or Closed if the
/// failure is final; disposal → Closed.</description></item>
/// <item><term>Closed</term><description>final.</description></item>
/// </list>
/// <see cref="Current"/> is not null exactly in state Open. After disposal has begun, an attempt that succeeds late still
/// passes through Open, so that its callbacks come in pairs.
/// </remarks>
/// <typeparam name="T">A connection, or a channel with what was set up on it.</typeparam>
internal sealed class Supervisor<T> : IAsyncDisposable
    where T : class, IClosable
{
    /// <summary>An object that was open for longer than this was stable: its loss restarts the backoff.</summary>
    private static readonly TimeSpan StableAfter = TimeSpan.FromMilliseconds(500);

    private static readonly TransportClosure ClosedByDisposal = new("it was closed by this application");

    private readonly string _name;
    private readonly RpcEnvironment _environment;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _firstFailure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly OpeningAttempts<T> _attempts;
    private readonly GuardedCallbacks _callbacks;
    private readonly Availability<T> _availability;
    private SupervisorState _state = SupervisorState.Idle;
    private volatile T? _current;
    private volatile string _downReason = "it was never open";
    private Task? _running;

    /// <param name="name">What is kept open, for logs and messages.</param>
    /// <param name="open">Opens the object.</param>
    /// <param name="environment">Time, randomness and log.</param>
    public Supervisor(string name, Func<CancellationToken, Task<T>> open, RpcEnvironment environment)
    {
        environment = environment.WithGuardedLog(); // a log that fails must not end the supervision
        _name = name;
        _environment = environment;
        _attempts = new OpeningAttempts<T>(name, open, environment, _stopping.Token) 
        {
            OnFailed = OnAttemptFailed,
            IsFinal = exception => IsFinal?.Invoke(exception) ?? false,
        };
        _callbacks = new GuardedCallbacks(name, environment.Log);
        _availability = new Availability<T>(name);
    }

    /// <summary>The open object; null while none is open. It can be lost at any moment.</summary>
    public T? Current => _current;

    /// <summary>Why nothing is open, as a clause for messages. Meaningful while <see cref="Current"/> is null.</summary>
    public string DownReason => _downReason;

    /// <summary>Completes when an attempt in the background has failed. Never fails.</summary>
    public Task FirstFailure => _firstFailure.Task;

    /// <summary>Called after each opening, and before the loss. Set before the start; must not throw.</summary>
    public Action<T>? OnOpened { get; init; }

    /// <summary>Called on disposal if the object is still open, and awaited before it is closed. Set before the start.</summary>
    public Func<T, Task>? OnClosing { get; init; }

    /// <summary>Called after each loss, and after the close on disposal. Set before the start; must not throw.</summary>
    public Action<T, TransportClosure>? OnLost { get; init; }

    /// <summary>Called after each failed attempt in the background. Set before the start; must not throw.</summary>
    public Action<Exception>? OnFailed { get; init; }

    /// <summary>Whether a failed attempt in the background is the last one. Set before the start; must not throw. Default: never.</summary>
    public Predicate<Exception>? IsFinal { get; init; }

    /// <summary>Opens the object, and keeps it open from then on. Throws if the first attempt fails.</summary>
    /// <exception cref="ObjectDisposedException">The supervisor is disposed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        BeginOpening();
        T first;
        try
        {
            first = await _attempts.OnceAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            CancelOpening();
            throw;
        }

        if (TryRun(first) is { } published)
        {
            await published.ConfigureAwait(false); // the caller finds it open
            return;
        }

        await first.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(_name);
    }

    /// <summary>Keeps the object open without waiting for the first attempt. Failed attempts are repeated until one succeeds.</summary>
    /// <exception cref="ObjectDisposedException">The supervisor is disposed.</exception>
    public void StartInBackground()
    {
        BeginOpening();
        TryRun(first: null);
    }

    /// <summary>Waits until the object is open.</summary>
    /// <exception cref="ObjectDisposedException">The supervisor is disposed.</exception>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _availability.WhenOpen.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Closes the object, and opens no other.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task? running;
        lock (_gate)
        {
            running = _running;
            _availability.End();
            if (running is null)
            {
                Close();
            }
        }

        if (running is not null)
        {
            await running.ConfigureAwait(false);
        }
    }

    private void BeginOpening()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
            MoveTo(SupervisorState.Opening);
        }
    }

    private void CancelOpening()
    {
        lock (_gate)
        {
            if (_state == SupervisorState.Opening)
            {
                MoveTo(SupervisorState.Idle);
            }
        }
    }

    /// <summary>Starts to keep the object open. Returns a task that completes when it is available; null after disposal.</summary>
    private Task<T>? TryRun(T? first)
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return null;
            }

            Debug.Assert(_running is null, "A supervisor is started once.");
            using (AmbientFlow.Suppress())
            {
                _running = Task.Run(() => KeepOpenAsync(first), CancellationToken.None);
            }

            return _availability.WhenOpen;
        }
    }

    private async Task KeepOpenAsync(T? first)
    {
        T? current = first ?? await _attempts.RepeatAsync(wasLost: false).ConfigureAwait(false);
        while (current is not null)
        {
            long openedAt = _environment.Time.GetTimestamp();
            Publish(current);
            TransportClosure closure = await WaitForEndAsync(current).ConfigureAwait(false);
            bool isOpenAtDisposal = _stopping.IsCancellationRequested && !current.Closed.IsCompleted;
            if (isOpenAtDisposal && OnClosing is not null)
            {
                await _callbacks.CallAsync(() => OnClosing(current)).ConfigureAwait(false);
            }

            Withdraw(current, closure);
            await _callbacks.CallAsync(() => current.DisposeAsync().AsTask()).ConfigureAwait(false);
            bool wasStable = _environment.Time.GetElapsedTime(openedAt) > StableAfter;
            if (wasStable)
            {
                _attempts.RestartBackoff();
            }

            current = await _attempts.RepeatAsync(wasLost: true).ConfigureAwait(false);
        }

        lock (_gate)
        {
            _availability.End(); // waiting callers learn that nothing will be opened
            Close();
        }
    }

    private void Publish(T current)
    {
        lock (_gate)
        {
            MoveTo(SupervisorState.Open);
            _current = current;
            _availability.Set(current);
        }

        _callbacks.Call(() => OnOpened?.Invoke(current));
    }

    private async Task<TransportClosure> WaitForEndAsync(T current)
    {
        try
        {
            return await current.Closed.WaitAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ClosedByDisposal;
        }
    }

    private void Withdraw(T current, TransportClosure closure)
    {
        bool isDisposed;
        lock (_gate)
        {
            isDisposed = _stopping.IsCancellationRequested;
            MoveTo(isDisposed ? SupervisorState.Closed : SupervisorState.Reopening);
            _current = null;
            _downReason = closure.Reason;
            _availability.Clear();
            if (isDisposed)
            {
                _availability.End();
            }
        }

        if (!isDisposed)
        {
            Log.Lost(_environment.Log, current.Node is { } node ? $"{_name}, node {node}," : _name, closure.Reason);
        }

        _callbacks.Call(() => OnLost?.Invoke(current, closure));
    }

    private void OnAttemptFailed(Exception exception, string reason)
    {
        _downReason = reason;
        _firstFailure.TrySetResult();
        _callbacks.Call(() => OnFailed?.Invoke(exception));
    }

    private void Close()
    {
        if (_state != SupervisorState.Closed)
        {
            MoveTo(SupervisorState.Closed);
        }
    }

    private void MoveTo(SupervisorState next)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "The gate guards the state.");
        Debug.Assert(SupervisorMoves.IsLegal(_state, next), $"{_name} cannot move from {_state} to {next}.");
        _state = next;
    }
}
