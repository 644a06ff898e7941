using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Settings;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// Prepares the exchanges of a server before it takes requests: the service's own, through which requests come, and the one
/// for replies. A server that may not reply must not take requests: they would run, return to the queue and run again.
/// </summary>
internal static class ExchangeSetup
{
    /// <summary>Declares and binds what the settings name, and makes sure that replies can be published.</summary>
    /// <exception cref="RpcAccessDeniedException">The server's user cannot publish replies.</exception>
    /// <exception cref="TransportRefusedException">The user lacks another permission.</exception>
    public static async Task EnsureAsync(ITransportConnection connection, ServerSettings settings, RpcEnvironment environment, CancellationToken cancellationToken)
    {
        if (settings.Exchange.Length > 0)
        {
            await ExchangeDeclarer.EnsureBoundAsync(connection, settings.Exchange, settings.QueueName, cancellationToken).ConfigureAwait(false);
        }

        if (settings.ReplyExchange.Length > 0)
        {
            await ExchangeDeclarer.EnsureAsync(connection, settings.ReplyExchange, cancellationToken).ConfigureAwait(false);
        }

        TransportRefusedException? refusal = await ExchangeProbe.FindRefusalAsync(connection, settings.ReplyExchange, environment.Random, cancellationToken).ConfigureAwait(false);
        if (refusal is { Code: AmqpReplyCodes.AccessRefused })
        {
            string reason = BrokerRefusals.DescribePublish(settings.Broker, settings.UserName, settings.ReplyExchange, refusal.Message);
            throw BrokerRefusals.Create($"Queue '{settings.QueueName}' is not served, because replies could not be sent: {reason}", refusal);
        }

        if (refusal is not null)
        {
            throw refusal; // the exchange was deleted meanwhile
        }
    }
}
