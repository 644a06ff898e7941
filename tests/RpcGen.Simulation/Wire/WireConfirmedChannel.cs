using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>A channel whose confirms are events, seen from the process.</summary>
internal sealed class WireConfirmedChannel : WireChannelLife, IConfirmedChannel
{
    private readonly Network _network;
    private readonly IConfirmedChannel _broker;

    public WireConfirmedChannel(WireConnection connection, Network network, IConfirmedChannel broker, Flow up, Flow down)
        : base(connection, broker, up, down)
    {
        _network = network;
        _broker = broker;
        broker.Returned += OnReturned;
        broker.Confirmed += OnConfirmed;
    }

    public event Action<ReturnedMessage>? Returned;

    public event Action<PublishConfirm>? Confirmed;

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

    public override void End(TransportClosure closure)
    {
        base.End(closure);
        _broker.Returned -= OnReturned;
        _broker.Confirmed -= OnConfirmed;
    }

    private void OnReturned(ReturnedMessage message)
    {
        if (!_network.Tampering.DropsReturn())
        {
            Arrive(() => Returned?.Invoke(message));
        }
    }

    private void OnConfirmed(PublishConfirm confirm) => Arrive(() => Confirmed?.Invoke(confirm));

    /// <summary>A message that a planted bug loses goes to no queue instead, so that the broker counts it.</summary>
    private void Publish(OutgoingMessage message)
    {
        OutgoingMessage sent = _network.Tampering.Sends(in message) ? message : message with { Exchange = "", RoutingKey = "lost", IsMandatory = false };
        Tell(() => _broker.PublishAsync(in sent, CancellationToken.None));
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
}
