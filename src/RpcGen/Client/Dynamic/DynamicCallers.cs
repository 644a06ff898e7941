using System.Collections.Concurrent;
using RpcGen.Generated;

namespace RpcGen.Client.Dynamic;

/// <summary>Keeps the callers of the methods that a dynamic client calls. Thread-safe.</summary>
internal sealed class DynamicCallers<TResult>(ClientBinder binder)
{
    /// <summary>How many callers are kept. Names come from users, so further ones are created for each call.</summary>
    private const int MaxKept = 1024;

    private readonly ConcurrentDictionary<(string Method, DynamicPromises Promises), RpcCaller<ValueTuple<ReadOnlyMemory<byte>>, TResult>> _callers = new();

    /// <summary>Gets the caller of a method.</summary>
    public RpcCaller<ValueTuple<ReadOnlyMemory<byte>>, TResult> Get(string method, DynamicPromises promises)
    {
        if (_callers.TryGetValue((method, promises), out RpcCaller<ValueTuple<ReadOnlyMemory<byte>>, TResult>? known))
        {
            return known;
        }

        RpcCaller<ValueTuple<ReadOnlyMemory<byte>>, TResult> caller = binder.Bind(new DynamicMethod<TResult>(binder.Json, method, promises));
        return _callers.Count < MaxKept ? _callers.GetOrAdd((method, promises), caller) : caller;
    }
}
