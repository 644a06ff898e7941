namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>Asks the application for logins, with a time limit: attempts must continue even if the application's source of logins hangs.</summary>
/// <param name="ask">Asks the application.</param>
/// <param name="limit">The time limit.</param>
/// <param name="time">The clock of the time limit.</param>
internal sealed class LoginSource(Func<CancellationToken, ValueTask<Login>> ask, TimeSpan limit, TimeProvider time)
{
    /// <summary>Asks for a login.</summary>
    /// <exception cref="TimeoutException">The application did not answer within the time limit.</exception>
    public async Task<Login> AskAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await AskOnThreadPool(either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"Credentials did not return within {limit.TotalSeconds:0.###} s (ConnectTimeout)");
        }
    }

    /// <summary>The application's code can block its thread.</summary>
    private Task<Login> AskOnThreadPool(CancellationToken cancellationToken) => Task.Run(() => ask(cancellationToken).AsTask(), cancellationToken);
}
