using RpcGen.Transport;

namespace RpcGen.Tests.Compatibility;

/// <summary>A channel whose published messages are recorded before the broker gets them.</summary>
internal sealed class RecordingChannel(ITransportChannel broker, WireRecorder recorder, bool isClient) : ITransportChannel
{
    public event Action<ReturnedMessage>? Returned
    {
        add => broker.Returned += value;
        remove => broker.Returned -= value;
    }

    public Task<TransportClosure> Closed => broker.Closed;

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        recorder.Add(in message, isClient);
        return broker.PublishAsync(in message, cancellationToken);
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken) => broker.AckAsync(deliveryTag, multiple, cancellationToken);

    public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) => broker.RequeueAsync(deliveryTag, cancellationToken);

    public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) => broker.RejectAsync(deliveryTag, cancellationToken);

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken) => broker.DeclareQueueAsync(queue, cancellationToken);

    public Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken) => broker.InspectQueueAsync(queue, cancellationToken);

    public Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) => broker.BindFanoutAsync(exchange, queue, cancellationToken);

    public Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken) => broker.InspectExchangeAsync(exchange, cancellationToken);

    public Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken) => broker.DeclareDirectAsync(exchange, cancellationToken);

    public Task BindDirectAsync(string exchange, string queue, CancellationToken cancellationToken) => broker.BindDirectAsync(exchange, queue, cancellationToken);

    public Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken) =>
        broker.ConsumeAsync(queue, prefetch, consumer, cancellationToken);

    public Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken) => broker.CancelConsumerAsync(consumerTag, cancellationToken);

    public ValueTask DisposeAsync() => broker.DisposeAsync();
}
