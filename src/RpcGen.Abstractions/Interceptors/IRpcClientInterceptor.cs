namespace RpcGen;

/// <summary>
/// Sees each call of a client before it is sent, and its outcome afterwards. It can change the call, repeat it, or answer it
/// without sending it.
/// </summary>
/// <remarks>
/// Must be thread-safe: many calls use it at the same time. It runs on the caller's thread until its first await. Clients
/// without interceptors have no cost for this feature.
/// </remarks>
public interface IRpcClientInterceptor
{
    /// <summary>
    /// Handles a call; the simplest implementation is <c>return await next(call)</c>. The caller gets the exceptions that it
    /// throws, and <paramref name="next"/> throws the exceptions that the caller would otherwise get.
    /// </summary>
    /// <typeparam name="TArguments">A tuple with one element for each parameter, cancellation tokens left out.</typeparam>
    /// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
    /// <param name="call">The call, which can be changed.</param>
    /// <param name="next">
    /// The next interceptor, or after the last one the call itself. It can be called several times, one after the other. Each
    /// time it makes a separate call with its own id. All of these calls share the caller's time limit.
    /// </param>
#pragma warning disable CA1716 // "call" and "next" are keywords of Visual Basic, which allows them in brackets.
    ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct;
#pragma warning restore CA1716
}

/// <summary>Continues a client's call after an interceptor. Its task must be awaited at most once.</summary>
/// <typeparam name="TArguments">A tuple with one element for each parameter, cancellation tokens left out.</typeparam>
/// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
public delegate ValueTask<TResult> RpcClientNext<TArguments, TResult>(RpcClientCall<TArguments> call)
    where TArguments : struct;
