using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>A consumer without the events and objects of the library's consumer.</summary>
internal abstract class FloorConsumer(IChannel channel) : IAsyncBasicConsumer
{
    public IChannel Channel => channel;

    public abstract Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default);

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => Task.CompletedTask;
}
