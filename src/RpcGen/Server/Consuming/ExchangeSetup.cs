using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Settings;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// Prepares the exchanges of a server before it takes requests: the service's own, through which requests come, and the one
/// for replies. A server without the permission to reply must not take requests: they would run, return to the queue and run again.
/// </summary>
internal static class ExchangeSetup
{
    /// <summary>How long the probe of replies can take. A broker that blocks publishers does not answer it.</summary>
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Declares and binds what the settings name.</summary>
    /// <exception cref="TransportRefusedException">The user lacks a permission.</exception>
    public static async Task EnsureAsync(ITransportConnection connection, ServerSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Exchange.Length > 0)
        {
            await ExchangeDeclarer.EnsureBoundAsync(connection, settings.Exchange, settings.QueueName, cancellationToken).ConfigureAwait(false);
        }

        if (settings.ReplyExchange.Length > 0)
        {
            await ExchangeDeclarer.EnsureAsync(connection, settings.ReplyExchange, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes sure that replies can be published, as far as the broker answers in time.</summary>
    /// <param name="connections">
    /// Where to probe. Not where requests are consumed: during an alarm the broker reads no more from a connection that has
    /// published, and the server could not start to empty its queue.
    /// </param>
    /// <param name="settings">The server's settings.</param>
    /// <param name="environment">Time and randomness.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="RpcAccessDeniedException">The server's user cannot publish replies.</exception>
    /// <exception cref="TransportRefusedException">The exchange for replies does not exist any more.</exception>
    public static async Task ProbeRepliesAsync(Supervisor<ITransportConnection> connections, ServerSettings settings, RpcEnvironment environment, CancellationToken cancellationToken)
    {
        TransportRefusedException? refusal;
        using var timeout = new CancellationTokenSource(ProbeTimeout, environment.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            ITransportConnection connection = await connections.GetAsync(limit.Token).ConfigureAwait(false);
            refusal = await ExchangeProbe.FindRefusalAsync(connection, settings.ReplyExchange, environment.Random, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TransportClosedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return; // nothing is known: a server whose replies are refused stops later
        }

        if (refusal is { Code: AmqpReplyCodes.AccessRefused })
        {
            string reason = PermissionRefusals.DescribePublish(settings.Broker, settings.UserName, settings.ReplyExchange, refusal.Message);
            throw PermissionRefusals.Create($"Queue '{settings.QueueName}' is not served, because replies could not be sent: {reason}", refusal);
        }

        if (refusal is not null)
        {
            throw refusal; // the exchange was deleted meanwhile
        }
    }
}
