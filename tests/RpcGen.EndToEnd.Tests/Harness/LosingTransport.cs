using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>A transport that loses one message between peers of a stream or a long call. Beats and requests do not count.</summary>
/// <param name="broker">The transport.</param>
/// <param name="loss">What is lost. Shared by both sides.</param>
internal sealed class LosingTransport(ITransport broker, Loss loss) : ITransport
{
    public string Address => broker.Address;

    public string UserName => broker.UserName;

    public async Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        ITransportConnection connection = await broker.ConnectAsync(name, cancellationToken);
        return name.EndsWith("(streams)", StringComparison.Ordinal) ? new Connection(connection, loss) : connection;
    }

    private sealed class Connection(ITransportConnection broker, Loss loss) : ITransportConnection
    {
        public event Action? BlockedChanged
        {
            add => broker.BlockedChanged += value;
            remove => broker.BlockedChanged -= value;
        }

        public BrokerHost? Host => broker.Host;

        public string? UserName => broker.UserName;

        public string? BlockedReason => broker.BlockedReason;

        public Task<TransportClosure> Closed => broker.Closed;

        public async Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken) => new Channel(await broker.OpenChannelAsync(cancellationToken), loss);

        public Task<IConfirmedChannel> OpenConfirmedChannelAsync(CancellationToken cancellationToken) => broker.OpenConfirmedChannelAsync(cancellationToken);

        public Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken) => broker.OpenPublisherAsync(cancellationToken);

        public ValueTask DisposeAsync() => broker.DisposeAsync();
    }

    private sealed class Channel(ITransportChannel broker, Loss loss) : ITransportChannel
    {
        public event Action<ReturnedMessage>? Returned
        {
            add => broker.Returned += value;
            remove => broker.Returned -= value;
        }

        public Task<TransportClosure> Closed => broker.Closed;

        public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) => loss.Takes(in message) ? default : broker.PublishAsync(in message, cancellationToken);

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
}

/// <summary>The message that is lost.</summary>
/// <param name="number">Which one, from 1.</param>
internal sealed class Loss(int number)
{
    private int _seen;
    private string? _lost;

    /// <summary>What was lost; null if the conversation was shorter.</summary>
    public string? Lost => Volatile.Read(ref _lost);

    /// <summary>Whether a message is lost.</summary>
    public bool Takes(in OutgoingMessage message)
    {
        if (message.Type == "beat" || !message.RoutingKey.StartsWith(WireNames.CallbackQueuePrefix, StringComparison.Ordinal) || Interlocked.Increment(ref _seen) != number)
        {
            return false;
        }

        Volatile.Write(ref _lost, message.Type ?? "result");
        return true;
    }
}
