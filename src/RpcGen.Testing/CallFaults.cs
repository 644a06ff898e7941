namespace RpcGen.Testing;

/// <summary>Fails and delays calls, at the client or at the server. Thread-safe.</summary>
internal sealed class CallFaults(TimeProvider time) : IRpcClientInterceptor, IRpcServerInterceptor
{
    private readonly Lock _lock = new();
    private readonly List<Fault> _faults = [];

    /// <summary>Adds a fault until the returned object is disposed.</summary>
    public IDisposable Add<T>(string method, Exception? exception, TimeSpan delay)
        where T : class, IRpcContract<T>
    {
        var fault = new Fault(typeof(T), ContractMethods.Find<T>(method), exception, delay);
        lock (_lock)
        {
            _faults.Add(fault);
        }

        return new Undo(() =>
        {
            lock (_lock)
            {
                _faults.RemoveAll(added => ReferenceEquals(added, fault));
            }
        });
    }

    /// <inheritdoc/>
    public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct =>
        Array.Find(Find(call.Method), fault => fault.Exception is RpcException) is { } found ? ValueTask.FromException<TResult>(found.Exception!) : next(call);

    /// <inheritdoc/>
    public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct
    {
        foreach (Fault fault in Find(call.Method))
        {
            if (fault.Delay > TimeSpan.Zero)
            {
                await Task.Delay(fault.Delay, time, call.CancellationToken).ConfigureAwait(false);
            }

            if (fault.Exception is not null and not RpcException)
            {
                throw fault.Exception;
            }
        }

        return await next(call).ConfigureAwait(false);
    }

    private Fault[] Find(RpcMethod method)
    {
        lock (_lock)
        {
            return _faults.Count == 0 ? [] : [.. _faults.Where(fault => fault.Method == method.Name && fault.Contract == ContractMethods.ContractOf(method))];
        }
    }

    private sealed record Fault(Type Contract, string Method, Exception? Exception, TimeSpan Delay);
}
