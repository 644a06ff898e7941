using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>A channel, seen from the process.</summary>
internal sealed class WireChannel : WireChannelLife, ITransportChannel
{
    private readonly Network _network;
    private readonly ITransportChannel _broker;

    public WireChannel(WireConnection connection, Network network, ITransportChannel broker, Flow up, Flow down)
        : base(connection, broker, up, down)
    {
        _network = network;
        _broker = broker;
        broker.Returned += OnReturned;
    }

    public event Action<ReturnedMessage>? Returned;

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (CheckOpen() is { } closed)
        {
            return ValueTask.FromException(closed);
        }

        OutgoingMessage sent = message with { Body = message.Body.ToArray() };
        _network.Published?.Invoke(sent);
        if (Up.IsFull)
        {
            return PublishLaterAsync(sent, cancellationToken);
        }

        Publish(sent);
        return default;
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken) =>
        _network.Tampering.HasAcknowledged(deliveryTag) ? default : TellAsync(() => _broker.AckAsync(deliveryTag, multiple, CancellationToken.None));

    public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) =>
        TellAsync(() => _broker.RequeueAsync(deliveryTag, CancellationToken.None));

    public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) =>
        _network.Tampering.HasAcknowledged(deliveryTag) ? default : TellAsync(() => _broker.RejectAsync(deliveryTag, CancellationToken.None));

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken) =>
        DoAsync(() => _broker.DeclareQueueAsync(queue, CancellationToken.None), cancellationToken);

    public Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken) =>
        AskAsync(() => _broker.InspectQueueAsync(queue, CancellationToken.None), cancellationToken);

    public Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) =>
        DoAsync(() => _broker.BindFanoutAsync(exchange, queue, CancellationToken.None), cancellationToken);

    public Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken) =>
        DoAsync(() => _broker.InspectExchangeAsync(exchange, CancellationToken.None), cancellationToken);

    public Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken) =>
        DoAsync(() => _broker.DeclareDirectAsync(exchange, CancellationToken.None), cancellationToken);

    public Task BindDirectAsync(string exchange, string queue, CancellationToken cancellationToken) =>
        DoAsync(() => _broker.BindDirectAsync(exchange, queue, CancellationToken.None), cancellationToken);

    public Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken)
    {
        var arriving = new WireConsumer(this, _broker, consumer, prefetch, _network);
        return AskAsync(() => _broker.ConsumeAsync(queue, prefetch, arriving, CancellationToken.None), cancellationToken);
    }

    public Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken) =>
        DoAsync(() => _broker.CancelConsumerAsync(consumerTag, CancellationToken.None), cancellationToken);

    public override void End(TransportClosure closure)
    {
        base.End(closure);
        _broker.Returned -= OnReturned;
    }

    private void OnReturned(ReturnedMessage message)
    {
        if (!_network.Tampering.DropsReturn())
        {
            Arrive(() => Returned?.Invoke(message));
        }
    }

    private void Publish(OutgoingMessage message)
    {
        if (_network.Tampering.Sends(in message))
        {
            Tell(() => _broker.PublishAsync(in message, CancellationToken.None));
        }
    }

    private async ValueTask PublishLaterAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        while (Up.IsFull)
        {
            await Task.WhenAny(Up.WaitForRoomAsync(), Closed).WaitAsync(cancellationToken);
            if (CheckOpen() is { } closed)
            {
                throw closed;
            }
        }

        Publish(message);
    }

    private ValueTask TellAsync(Func<ValueTask> work)
    {
        if (CheckOpen() is { } closed)
        {
            return ValueTask.FromException(closed);
        }

        Tell(work);
        return default;
    }

    private Task DoAsync(Func<Task> work, CancellationToken cancellationToken) => AskAsync(
        async () =>
        {
            await work();
            return true;
        },
        cancellationToken);
}
