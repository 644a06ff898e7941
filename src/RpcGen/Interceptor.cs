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
}
