using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>A channel with publisher confirms, seen from the process.</summary>
internal sealed class WirePublisher : WireChannelLife, ITransportPublisher
{
    private readonly Network _network;
    private readonly ITransportPublisher _broker;

    public WirePublisher(WireConnection connection, Network network, ITransportPublisher broker, Flow up, Flow down)
        : base(connection, broker, up, down)
    {
        _network = network;
        _broker = broker;
    }

    public Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        OutgoingMessage sent = message with { Body = message.Body.ToArray() };
        return AskAsync(
            () => _network.Tampering.Sends(in sent)
                ? _broker.PublishAsync(in sent, CancellationToken.None)
                : Task.FromResult(new PublishOutcome(PublishResult.Confirmed)),
            cancellationToken);
    }
}
