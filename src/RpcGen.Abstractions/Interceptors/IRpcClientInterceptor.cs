namespace RpcGen;

/// <summary>
/// Stands between a client and its calls: it sees each before it is sent and its outcome afterwards, and may change it, make
/// it again, or answer it itself.
/// </summary>
/// <remarks>
/// Called by many calls at the same time. It runs on the caller's thread until its first await. A client without interceptors
/// pays nothing for them.
/// </remarks>
public interface IRpcClientInterceptor
{
    /// <summary>
    /// Handles a call: <c>return await next(call)</c> at the least. What it throws, the caller gets; what
    /// <paramref name="next"/> throws is what the caller would have got.
    /// </summary>
    /// <typeparam name="TArguments">A tuple with an element a parameter, tokens left out.</typeparam>
    /// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
    /// <param name="call">The call, to be looked at and changed.</param>
    /// <param name="next">
    /// The next interceptor, and after the last one the call itself. It may be called not at all, and several times one after
    /// the other: each is a call of its own, with an id of its own, and all together have the time that the caller allows.
    /// </param>
#pragma warning disable CA1716 // Of keywords in Visual Basic, which lets them be names in brackets.
    ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct;
#pragma warning restore CA1716
}

/// <summary>What comes after an interceptor of a client. Its task must be awaited once at most.</summary>
/// <typeparam name="TArguments">A tuple with an element a parameter, tokens left out.</typeparam>
/// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
public delegate ValueTask<TResult> RpcClientNext<TArguments, TResult>(RpcClientCall<TArguments> call)
    where TArguments : struct;
