namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>
/// Renews the secret of an open connection before it expires, without closing the connection. If that fails until it
/// expires, it closes the connection: the broker would refuse everything, and the next connection requests new credentials.
/// </summary>
/// <param name="source">Asks the application for a login.</param>
/// <param name="update">Sends a secret to the broker, and completes when the broker has accepted it.</param>
/// <param name="expire">Closes the connection, whose secret was valid until then.</param>
/// <param name="events">The log.</param>
/// <param name="time">The clock of the secret's validity.</param>
internal sealed class SecretRenewal(
    LoginSource source, Func<Login, CancellationToken, Task> update, Func<DateTimeOffset, Task> expire, ITransportEvents events, TimeProvider time)
{
    /// <summary>The part of the remaining time after which a new secret is asked for.</summary>
    private const double Portion = 0.8;

    private static readonly TimeSpan ShortestDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DelayAfterEnd = TimeSpan.FromSeconds(10); // the clocks differ, or a new secret is not newer
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1); // timers end at 49 days

    /// <summary>Renews the secret again and again. Completes when the token is cancelled, no end is known any more, or the secret has expired.</summary>
    public async Task RunAsync(Login login, CancellationToken stopping)
    {
        while (login.ValidUntil is { } validUntil)
        {
            try
            {
                await Task.Delay(DelayUntilRenewal(validUntil), time, stopping).ConfigureAwait(false);
                login = await RenewAsync(login, stopping).ConfigureAwait(false);
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
                if (time.GetUtcNow() >= validUntil)
                {
                    await expire(validUntil).ConfigureAwait(false);
                    return;
                }
            }
        }
    }

    private async Task<Login> RenewAsync(Login login, CancellationToken stopping)
    {
        Login renewed = await source.AskAsync(stopping).ConfigureAwait(false);
        if (renewed.UserName != login.UserName)
        {
            // AMQP cannot change the user of a connection: only the next one can be the new user's.
            throw new InvalidOperationException($"the new credentials are of user '{renewed.UserName}', the connection is of '{login.UserName}'");
        }

        await update(renewed, stopping).ConfigureAwait(false);
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
