using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Simulation.Models;

/// <summary>Deliveries that end on two threads while a third one waits for all of them.</summary>
internal sealed class AcksModel : Model
{
    private const int Deliveries = 3;

    private readonly ModelChannel _channel = new(Deliveries);
    private readonly AckTracker _acks;
    private readonly Delivery[] _deliveries;
    private Task? _idle;

    public AcksModel()
    {
        _acks = new AckTracker(_channel, Time, prefetch: 2 * Deliveries);
        _deliveries = [.. Enumerable.Range(1, Deliveries).Select(tag => _acks.Add(new IncomingMessage { DeliveryTag = (ulong)tag }, receivedAt: 0, maxBodyBytes: 0))];
    }

    public override IReadOnlyList<Action> Threads => [EndTwo, EndLast, () => _idle = _acks.WhenIdleAsync()];

    public override void Check()
    {
        Must(_idle is { IsCompletedSuccessfully: true }, "somebody waits for ever for the last acknowledgement");
        Must(_channel.Open.Count == 0, $"{_channel.Open.Count} deliveries are not acknowledged");
    }

    private void EndTwo()
    {
        End(1);
        End(0);
        _acks.Flush();
    }

    private void EndLast()
    {
        End(2);
        _acks.Flush();
    }

    private void End(int number)
    {
        _channel.MayAcknowledge.Add((ulong)number + 1); // before: the acknowledgement can be sent at once
        _acks.End(_deliveries[number], acknowledge: true);
    }
}
