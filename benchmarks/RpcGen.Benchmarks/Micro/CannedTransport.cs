using RpcGen.Transport;

namespace RpcGen.Benchmarks.Micro;

/// <summary>Handles a message that is published to a channel.</summary>
internal delegate void OnPublished(CannedChannel channel, in OutgoingMessage message);

/// <summary>A transport without a broker, to measure the layers above it. Publishing calls back at once.</summary>
internal sealed class CannedTransport(OnPublished onPublished) : ITransport
{
    private readonly Dictionary<string, ITransportConsumer> _consumers = [];

    public string Address => "canned://";

    public string UserName => "guest";

    /// <summary>The consumers by queue.</summary>
    public ITransportConsumer this[string queue] => _consumers[queue];

    public Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<ITransportConnection>(new CannedConnection(onPublished, _consumers));
}

internal sealed class CannedConnection(OnPublished onPublished, Dictionary<string, ITransportConsumer> consumers) : ITransportConnection
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new();
    private CannedChannel? _latest;

#pragma warning disable CS0067 // Nothing blocks.
    public event Action? BlockedChanged;
#pragma warning restore CS0067

    public BrokerHost? Host => null;

    public string? UserName => "guest";

    public string? BlockedReason => null;

    public Task<TransportClosure> Closed => _closed.Task;

    public Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken) =>
        Task.FromResult<ITransportChannel>(_latest = new CannedChannel(onPublished, consumers));

    /// <summary>Opens a channel whose messages are answered on the channel that was opened before it.</summary>
    public Task<IConfirmedChannel> OpenConfirmedChannelAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IConfirmedChannel>(new CannedConfirmedChannel(_latest ?? new CannedChannel(onPublished, consumers)));

    public Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken) => Task.FromResult<ITransportPublisher>(new CannedPublisher());

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult(new TransportClosure("disposed"));
        return ValueTask.CompletedTask;
    }
}

/// <summary>Confirms each message before it is answered.</summary>
internal sealed class CannedConfirmedChannel(CannedChannel channel) : IConfirmedChannel
{
    private ulong _published;

    public event Action<ReturnedMessage>? Returned
    {
        add => channel.Returned += value;
        remove => channel.Returned -= value;
    }

    public event Action<PublishConfirm>? Confirmed;

    public Task<TransportClosure> Closed => channel.Closed;

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        Confirmed?.Invoke(new PublishConfirm(++_published, IsMultiple: false, IsRefused: false));
        return channel.PublishAsync(in message, cancellationToken);
    }

    public ValueTask DisposeAsync() => channel.DisposeAsync();
}

/// <summary>Confirms everything: probes of exchanges are published here.</summary>
internal sealed class CannedPublisher : ITransportPublisher
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new();

    public Task<TransportClosure> Closed => _closed.Task;

    public Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) =>
        Task.FromResult(new PublishOutcome(PublishResult.Confirmed));

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult(new TransportClosure("disposed"));
        return ValueTask.CompletedTask;
    }
}

internal sealed class CannedChannel(OnPublished onPublished, Dictionary<string, ITransportConsumer> consumers) : ITransportChannel
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new();

#pragma warning disable CS0067 // Every message has a queue.
    public event Action<ReturnedMessage>? Returned;
#pragma warning restore CS0067

    public Task<TransportClosure> Closed => _closed.Task;

    public ITransportConsumer? Consumer { get; private set; }

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        onPublished(this, in message);
        return ValueTask.CompletedTask;
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken) => Task.FromResult(new QueueState(0, 1));

    public Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task BindDirectAsync(string exchange, string queue, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken)
    {
        Consumer = consumer;
        consumers[queue] = consumer;
        return Task.FromResult("c");
    }

    public Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<bool> TakeOneAsync(string queue, ITransportConsumer taker, CancellationToken cancellationToken) => Task.FromResult(false);

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult(new TransportClosure("disposed"));
        return ValueTask.CompletedTask;
    }
}
