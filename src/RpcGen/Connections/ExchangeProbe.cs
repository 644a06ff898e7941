using System.Globalization;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>
/// Finds out whether a connection's user can publish to a direct exchange or the default exchange. RabbitMQ has no request
/// for this, so the probe publishes a message that no queue gets, on a channel of its own, and waits for the publisher confirm.
/// </summary>
internal static class ExchangeProbe
{
    /// <summary>The prefix of the routing key of probes. A random part follows, so that no queue matches.</summary>
    public const string RoutingKeyPrefix = "rpc.probe.";

    /// <summary>Probes an exchange.</summary>
    /// <returns>The broker's refusal, with <see cref="AmqpReplyCodes.AccessRefused"/> or <see cref="AmqpReplyCodes.NotFound"/>; null if the user can publish.</returns>
    /// <exception cref="TransportClosedException">The connection or the channel was closed before the answer.</exception>
    /// <exception cref="TransportRefusedException">The broker refused for another reason.</exception>
    public static async Task<TransportRefusedException?> FindRefusalAsync(
        ITransportConnection connection, string exchange, IRandomSource random, CancellationToken cancellationToken)
    {
        ITransportPublisher publisher = await connection.OpenPublisherAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ulong number = random.NextBits() | 1; // zero means "none"
            var probe = new OutgoingMessage
            {
                Exchange = exchange,
                RoutingKey = RoutingKeyPrefix + number.ToString("x16", CultureInfo.InvariantCulture),
                IsMandatory = true,
                CorrelationId = new CorrelationId(number),
            };
            await publisher.PublishAsync(in probe, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (TransportRefusedException e) when (IsVerdict(e.Code))
        {
            return e;
        }
        catch (TransportClosedException e) when (e.Closure.IsPublishRefused && IsVerdict(e.Closure.ReplyCode))
        {
            return new TransportRefusedException(e.Closure.ReplyCode, e.Closure.Reason, e); // the channel was closed while the probe was being handed over
        }
        finally
        {
            _ = publisher.DisposeAsync().AsTask(); // closes in the background
        }
    }

    private static bool IsVerdict(ushort code) => code is AmqpReplyCodes.AccessRefused or AmqpReplyCodes.NotFound;
}
