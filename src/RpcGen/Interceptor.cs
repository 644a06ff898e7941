using RpcGen.Server.Running;

namespace RpcGen;

/// <summary>The rules for lists of interceptors.</summary>
internal static class Interceptor
{
    /// <exception cref="ArgumentException">The list, or an entry of it, is null.</exception>
    public static void ThrowIfInvalid<T>(IReadOnlyList<T> interceptors, string setting)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(interceptors, setting);
        if (interceptors.Contains(null!))
        {
            throw new ArgumentException($"{setting} contains null.", setting);
        }
    }

    /// <summary>The interceptors of the connection, then those of one client or server inside them.</summary>
    public static IReadOnlyList<T> Join<T>(IReadOnlyList<T> outer, IReadOnlyList<T> inner) =>
        outer.Count == 0 ? inner : inner.Count == 0 ? outer : [.. outer, .. inner];

    /// <exception cref="InvalidOperationException">A method names policies, and no interceptor checks policies.</exception>
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
