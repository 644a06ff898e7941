using RpcGen.Server;

namespace RpcGen;

/// <summary>What holds for lists of interceptors.</summary>
internal static class Interceptor
{
    /// <exception cref="ArgumentException">The list, or something in it, is null.</exception>
    public static void ThrowIfInvalid<T>(IReadOnlyList<T> interceptors, string setting)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(interceptors, setting);
        if (interceptors.Contains(null!))
        {
            throw new ArgumentException($"{setting} has an entry that is null.", setting);
        }
    }

    /// <summary>Those of a client or server inside of those of all.</summary>
    public static IReadOnlyList<T> Join<T>(IReadOnlyList<T> outer, IReadOnlyList<T> inner) =>
        outer.Count == 0 ? inner : inner.Count == 0 ? outer : [.. outer, .. inner];

    /// <exception cref="InvalidOperationException">A method names policies that nobody would look at.</exception>
    public static void ThrowIfUnguarded(IEnumerable<MethodHandler> handlers, IReadOnlyList<IRpcServerInterceptor> interceptors, string queue)
    {
        if (!interceptors.Any(interceptor => interceptor is RpcAuthorizationInterceptor) &&
            handlers.FirstOrDefault(handler => handler.Method.Policies.Count > 0) is { } guarded)
        {
            throw new InvalidOperationException(
                $"'{guarded.Method.Name}' of queue '{queue}' is marked [RpcAuthorize(\"{guarded.Method.Policies[0]}\")], but no interceptor of the server checks policies: " +
                $"add one that derives from {nameof(RpcAuthorizationInterceptor)} to {nameof(RpcServerOptions)}.{nameof(RpcServerOptions.Interceptors)} or {nameof(RpcConnectionOptions)}.{nameof(RpcConnectionOptions.ServerInterceptors)}.");
        }
    }
}
