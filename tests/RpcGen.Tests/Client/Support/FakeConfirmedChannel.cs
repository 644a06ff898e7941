using RpcGen.Transport;

namespace RpcGen.Tests.Client.Support;

/// <summary>A channel with publisher confirms that does what a test tells it to. The channel for calls records what is published.</summary>
internal sealed class FakeConfirmedChannel(FakeConnection connection) : IConfirmedChannel
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FakeChannel? _calls;

    public event Action<ReturnedMessage>? Returned;

    public event Action<PublishConfirm>? Confirmed;

    /// <summary>The number of messages that were sent.</summary>
    public ulong Published { get; private set; }

    public bool IsDisposed { get; private set; }

    /// <summary>Closes as the channel for calls does, whose end tests bring about.</summary>
    public Task<TransportClosure> Closed => _calls is { Closed.IsCompleted: true } ? _calls.Closed : _closed.Task;

    public void Close(TransportClosure closure) => _closed.TrySetResult(closure);

    public void Confirm(ulong number, bool multiple = false) => Confirmed?.Invoke(new PublishConfirm(number, multiple, IsRefused: false));

    public void Refuse(ulong number, bool multiple = false) => Confirmed?.Invoke(new PublishConfirm(number, multiple, IsRefused: true));

    public void Return(Published message, string reason = "312 NO_ROUTE") => Returned?.Invoke(new ReturnedMessage(message.Id, message.RoutingKey, reason));

    /// <summary>As at a broker, only a message that was sent gets a number and a confirm.</summary>
    public async ValueTask PublishAsync(OutgoingMessage message, CancellationToken cancellationToken)
    {
        await (_calls ??= connection.Calls).PublishAsync(in message, cancellationToken);
        Published++;
        if (connection.ConfirmsAtOnce)
        {
            Confirm(Published);
        }
    }

    ValueTask IConfirmedChannel.PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) => PublishAsync(message, cancellationToken);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        Close(new TransportClosure("disposed"));
        return default;
    }
}
