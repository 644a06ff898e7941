using RpcGen.Transport;

namespace RpcGen.Tests.Compatibility;

/// <summary>The in-memory broker, with a recorder of what a client or server publishes to it.</summary>
internal sealed class RecordingTransport(ITransport broker, WireRecorder recorder, bool isClient) : ITransport
{
    public string Address => broker.Address;

    public string UserName => broker.UserName;

    public async Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken) =>
        new Connection(await broker.ConnectAsync(name, cancellationToken), recorder, isClient);

    private sealed class Connection(ITransportConnection broker, WireRecorder recorder, bool isClient) : ITransportConnection
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

        public async Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken) =>
            new RecordingChannel(await broker.OpenChannelAsync(cancellationToken), recorder, isClient);

        public async Task<IConfirmedChannel> OpenConfirmedChannelAsync(CancellationToken cancellationToken) =>
            new ConfirmedChannel(await broker.OpenConfirmedChannelAsync(cancellationToken), recorder, isClient);

        public async Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken) =>
            new Publisher(await broker.OpenPublisherAsync(cancellationToken), recorder, isClient);

        public ValueTask DisposeAsync() => broker.DisposeAsync();
    }

    private sealed class ConfirmedChannel(IConfirmedChannel broker, WireRecorder recorder, bool isClient) : IConfirmedChannel
    {
        public event Action<ReturnedMessage>? Returned
        {
            add => broker.Returned += value;
            remove => broker.Returned -= value;
        }

        public event Action<PublishConfirm>? Confirmed
        {
            add => broker.Confirmed += value;
            remove => broker.Confirmed -= value;
        }

        public Task<TransportClosure> Closed => broker.Closed;

        public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
        {
            recorder.Add(in message, isClient);
            return broker.PublishAsync(in message, cancellationToken);
        }

        public ValueTask DisposeAsync() => broker.DisposeAsync();
    }

    private sealed class Publisher(ITransportPublisher broker, WireRecorder recorder, bool isClient) : ITransportPublisher
    {
        public Task<TransportClosure> Closed => broker.Closed;

        public Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
        {
            recorder.Add(in message, isClient);
            return broker.PublishAsync(in message, cancellationToken);
        }

        public ValueTask DisposeAsync() => broker.DisposeAsync();
    }
}
