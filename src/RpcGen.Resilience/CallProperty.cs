using Polly;

namespace RpcGen.Resilience;

/// <summary>The call that a pipeline runs, kept in its context.</summary>
internal static class CallProperty
{
    private static readonly ResiliencePropertyKey<RpcClientCall> Key = new("RpcGen.Call");

    public static void SetCall(this ResilienceContext context, RpcClientCall call) => context.Properties.Set(Key, call);

    /// <exception cref="InvalidOperationException">The pipeline does not run a call of RpcGen.</exception>
    public static RpcClientCall GetCall(this ResilienceContext context) => context.Properties.TryGetValue(Key, out RpcClientCall? call)
        ? call
        : throw new InvalidOperationException("The pipeline does not run a call of RpcGen: add it to a client with AddResilience.");
}
