using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>A channel with publisher confirms, seen from the process.</summary>
internal sealed class WirePublisher : WireLife, ITransportPublisher
{
    private readonly WireConnection _connection;
    private readonly Network _network;
    private readonly ITransportPublisher _broker;
    private Task? _closing;

    public WirePublisher(WireConnection connection, Network network, ITransportPublisher broker, Flow up, Flow down)
        : base(up, down)
    {
        _connection = connection;
        _network = network;
        _broker = broker;
        _ = WatchAsync();
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

    public ValueTask DisposeAsync() => new(_closing ??= CloseAsync());

    public override void End(TransportClosure closure)
    {
        base.End(closure);
        _connection.Forget(this);
    }

    private async Task CloseAsync()
    {
        if (!IsClosed)
        {
            var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Up.Send(async () =>
            {
                await _broker.DisposeAsync();
                closed.TrySetResult();
            });
            await _connection.WaitForCloseAsync(Task.WhenAny(closed.Task, Closed));
        }

        await _broker.DisposeAsync();
        EndByOwner();
    }

    private async Task WatchAsync()
    {
        TransportClosure closure = await _broker.Closed;
        Down.SendEnd(() => End(closure));
    }
}
