namespace RpcGen;

/// <summary>
/// Stands between a server and its handlers: it sees each call before it runs and its outcome afterwards, and may refuse it,
/// change it, or answer it itself.
/// </summary>
/// <remarks>
/// Called by many calls at the same time, when their arguments have been read and checked; <see cref="RpcCallContext.Current"/>
/// is the call's. A server without interceptors pays nothing for them.
/// </remarks>
public interface IRpcServerInterceptor
{
    /// <summary>
    /// Handles a call: <c>return await next(call)</c> at the least. What it throws becomes a fault, as if the handler had
    /// thrown it: an exception that the contract declares arrives as itself, and <see cref="RpcAccessDeniedException"/> too.
    /// </summary>
    /// <typeparam name="TArguments">A tuple with an element a parameter, tokens left out.</typeparam>
    /// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
    /// <param name="call">The call, to be looked at and changed.</param>
    /// <param name="next">The next interceptor, and after the last one the handler.</param>
#pragma warning disable CA1716 // Of keywords in Visual Basic, which lets them be names in brackets.
    ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct;
#pragma warning restore CA1716
}

/// <summary>What comes after an interceptor of a server. Its task must be awaited once at most.</summary>
/// <typeparam name="TArguments">A tuple with an element a parameter, tokens left out.</typeparam>
/// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
public delegate ValueTask<TResult> RpcServerNext<TArguments, TResult>(RpcServerCall<TArguments> call)
    where TArguments : struct;
