using System.Runtime.CompilerServices;

namespace RpcGen.Testing;

/// <summary>Records the calls of servers. Thread-safe.</summary>
internal sealed class CallRecorder : IRpcServerInterceptor
{
    private readonly Lock _lock = new();
    private readonly List<RpcRecordedCall> _calls = [];
    private readonly List<Waiter> _waiters = [];
    private bool _isStopped;

    /// <summary>The calls so far.</summary>
    public IReadOnlyList<RpcRecordedCall> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Waits for the first call that fits.</summary>
    public async Task<RpcRecordedCall> WaitAsync(Func<RpcRecordedCall, bool> fits, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_calls.Find(call => fits(call)) is { } found)
            {
                return found;
            }

            ObjectDisposedException.ThrowIf(_isStopped, typeof(RpcTestBroker));
            waiter = new Waiter(fits, new TaskCompletionSource<RpcRecordedCall>(TaskCreationOptions.RunContinuationsAsynchronously));
            _waiters.Add(waiter);
        }

        try
        {
            return await waiter.Found.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    /// <summary>Fails all that wait.</summary>
    public void Stop()
    {
        Waiter[] waiting;
        lock (_lock)
        {
            _isStopped = true;
            waiting = [.. _waiters];
        }

        foreach (Waiter waiter in waiting)
        {
            waiter.Found.TrySetException(new ObjectDisposedException(nameof(RpcTestBroker), "The broker was disposed before such a call ended."));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct
    {
        ITuple arguments = call.GetArguments();
        try
        {
            TResult result = await next(call).ConfigureAwait(false);
            Add(call.Method, arguments, result is RpcVoid ? null : result, exception: null);
            return result;
        }
        catch (Exception e)
        {
            Add(call.Method, arguments, result: null, e);
            throw;
        }
    }

    private void Add(RpcMethod method, ITuple arguments, object? result, Exception? exception)
    {
        var call = new RpcRecordedCall { Contract = ContractMethods.ContractOf(method), Method = method.Name, Arguments = arguments, Result = result, Exception = exception };
        Waiter[] fitting;
        lock (_lock)
        {
            _calls.Add(call);
            fitting = [.. _waiters.Where(waiter => waiter.Fits(call))];
        }

        foreach (Waiter waiter in fitting)
        {
            waiter.Found.TrySetResult(call);
        }
    }

    private sealed record Waiter(Func<RpcRecordedCall, bool> Fits, TaskCompletionSource<RpcRecordedCall> Found);
}
