using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>Carries the deliveries of a consumer to the process, one frame each.</summary>
internal sealed class WireConsumer(WireChannel channel, ITransportChannel broker, ITransportConsumer process, ushort prefetch, Network network) : ITransportConsumer
{
    private const byte Poison = 0xDB;

    private readonly Tampering _tampering = network.Tampering;

    public void OnDelivered(in IncomingMessage message)
    {
        if (prefetch > 0 && _tampering.AcknowledgesEarly)
        {
            _ = broker.AckAsync(message.DeliveryTag, multiple: false, CancellationToken.None).AsTask();
        }

        bool isTwice = prefetch > 0 && _tampering.DeliversTwice();
        for (int copies = isTwice ? 2 : 1; copies > 0; copies--)
        {
            byte[] body = message.Body.ToArray();
            IncomingMessage frame = Copy(in message, body);
            channel.Arrive(() => Lend(frame, body));
        }
    }

    public void OnCancelledByBroker() => channel.Arrive(process.OnCancelledByBroker);

    private IncomingMessage Copy(in IncomingMessage message, byte[] body) => new()
    {
        DeliveryTag = message.DeliveryTag,
        IsRedelivered = message.IsRedelivered && !network.HidesRedelivery && !_tampering.HidesRedelivery,
        Exchange = message.Exchange,
        RoutingKey = message.RoutingKey,
        ContentType = message.ContentType,
        ContentEncoding = message.ContentEncoding,
        Type = message.Type,
        CorrelationId = message.CorrelationId,
        MessageId = message.MessageId,
        ReplyTo = message.ReplyTo,
        Priority = message.Priority,
        Expiration = message.Expiration,
        Timestamp = message.Timestamp,
        UserId = message.UserId,
        Headers = message.Headers,
        Body = body,
    };

    /// <summary>The process must not keep the body: it is spoiled afterwards, as a client library reuses its buffers.</summary>
    private void Lend(IncomingMessage frame, byte[] body)
    {
        process.OnDelivered(in frame);
        body.AsSpan().Fill(Poison);
    }
}
