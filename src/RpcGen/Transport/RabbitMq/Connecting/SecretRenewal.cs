namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>Renews the secret of an open connection before it expires, without closing the connection.</summary>
/// <param name="ask">Asks the application for a login.</param>
/// <param name="update">Sends a secret to the broker, and completes when the broker has accepted it.</param>
/// <param name="events">The log.</param>
/// <param name="time">The clock of the secret's validity.</param>
internal sealed class SecretRenewal(Func<CancellationToken, ValueTask<Login>> ask, Func<string, CancellationToken, Task> update, ITransportEvents events, TimeProvider time)
{
    /// <summary>The part of the remaining time after which a new secret is asked for.</summary>
    private const double Portion = 0.8;

    private static readonly TimeSpan ShortestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DelayAfterEnd = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1); // timers end at 49 days

    /// <summary>Renews the secret again and again. Completes when the token is cancelled, or no end is known any more.</summary>
    public async Task RunAsync(Login login, CancellationToken stopping)
    {
        while (login.ValidUntil is { } validUntil)
        {
            try
            {
                await Task.Delay(DelayUntilRenewal(validUntil), time, stopping).ConfigureAwait(false);
                login = await RenewAsync(login, validUntil, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Any exception of the application or the broker: it is logged, and the next attempt can succeed.
            catch (Exception e)
#pragma warning restore CA1031
            {
                events.OnSecretNotRenewed(e.Message.TrimEnd('.'), validUntil);
            }
        }
    }

    private async Task<Login> RenewAsync(Login login, DateTimeOffset validUntil, CancellationToken stopping)
    {
        Login renewed = await ask(stopping).ConfigureAwait(false);
        if (renewed.UserName != login.UserName)
        {
            // AMQP cannot change the user of a connection.
            events.OnSecretNotRenewed($"the new credentials are of user '{renewed.UserName}', the connection is of '{login.UserName}'", validUntil);
            return new Login(login.UserName, login.Secret);
        }

        await update(renewed.Secret, stopping).ConfigureAwait(false);
        events.OnSecretRenewed(renewed.ValidUntil);
        return renewed;
    }

    private TimeSpan DelayUntilRenewal(DateTimeOffset validUntil)
    {
        TimeSpan remaining = validUntil - time.GetUtcNow();
        return remaining <= TimeSpan.Zero ? DelayAfterEnd
            : remaining * Portion < ShortestDelay ? ShortestDelay
            : remaining * Portion > LongestDelay ? LongestDelay
            : remaining * Portion;
    }
}
