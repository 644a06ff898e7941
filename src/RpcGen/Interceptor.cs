using RpcGen.Server.Running;

namespace RpcGen;

/// <summary>Rules for lists of interceptors.</summary>
internal static class Interceptor
{
    /// <exception cref="ArgumentException">The list contains null.</exception>
    public static void ThrowIfInvalid<T>(IList<T> interceptors, string setting)
        where T : class
    {
        if (interceptors.Contains(null!))
        {
            throw new ArgumentException($"{setting} contains null.", setting);
        }
    }

    /// <summary>Copies the interceptors of all clients or servers, followed by those of one.</summary>
    public static IReadOnlyList<T> Join<T>(IList<T> outer, IList<T> inner) => [.. outer, .. inner];

    /// <exception cref="InvalidOperationException">A method requires a policy, and no interceptor checks policies.</exception>
    public static void ThrowIfUnguarded(IEnumerable<MethodHandler> handlers, IReadOnlyList<IRpcServerInterceptor> interceptors, string queue)
    {
        if (!interceptors.Any(interceptor => interceptor is RpcAuthorizationInterceptor) &&
            handlers.FirstOrDefault(handler => handler.Method.Policies.Count > 0) is { } guarded)
        {
            throw new InvalidOperationException(
                $"'{guarded.Method.Name}' of queue '{queue}' is marked [RpcAuthorize(\"{guarded.Method.Policies[0]}\")], but no interceptor of the server checks policies. " +
                $"Add one that derives from {nameof(RpcAuthorizationInterceptor)} to {nameof(RpcServerOptions)}.{nameof(RpcServerOptions.Interceptors)} or {nameof(RpcConnectionOptions)}.{nameof(RpcConnectionOptions.ServerInterceptors)}.");
        }
    }
}
