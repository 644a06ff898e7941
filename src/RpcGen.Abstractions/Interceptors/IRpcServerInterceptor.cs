namespace RpcGen;

/// <summary>
/// Sees each call of a server before it runs, and its outcome afterwards. It can refuse the call, change it, or answer it
/// without running the handler.
/// </summary>
/// <remarks>
/// Must be thread-safe: many calls use it at the same time. The arguments have been read and validated, and
/// <see cref="RpcCallContext.Current"/> is the call's context. Servers without interceptors have no cost for this feature.
/// </remarks>
public interface IRpcServerInterceptor
{
    /// <summary>
    /// Handles a call; the simplest implementation is <c>return await next(call)</c>. Exceptions that it throws become faults as
    /// if the handler had thrown them: the caller gets declared exceptions and <see cref="RpcAccessDeniedException"/> as they are.
    /// </summary>
    /// <typeparam name="TArguments">A tuple with one element for each parameter, cancellation tokens left out.</typeparam>
    /// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
    /// <param name="call">The call, which can be changed.</param>
    /// <param name="next">The next interceptor, or after the last one the handler.</param>
#pragma warning disable CA1716 // "call" and "next" are keywords of Visual Basic, which allows them in brackets.
    ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct;
#pragma warning restore CA1716
}

/// <summary>Continues a server's call after an interceptor. Its task must be awaited at most once.</summary>
/// <typeparam name="TArguments">A tuple with one element for each parameter, cancellation tokens left out.</typeparam>
/// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
public delegate ValueTask<TResult> RpcServerNext<TArguments, TResult>(RpcServerCall<TArguments> call)
    where TArguments : struct;
