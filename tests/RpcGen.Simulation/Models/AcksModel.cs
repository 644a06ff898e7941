using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Simulation.Models;

/// <summary>Deliveries that end on two threads while a third one waits for all of them.</summary>
internal sealed class AcksModel : Model
{
    private const int Deliveries = 3;

    private readonly AckChannel _channel = new();
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
        _channel.Ended.Add((ulong)number + 1); // before: the acknowledgement can be sent at once
        _acks.End(_deliveries[number], acknowledge: true);
    }

    /// <summary>A channel that checks acknowledgements as a broker does.</summary>
    private sealed class AckChannel : ITransportChannel
    {
        public event Action<ReturnedMessage>? Returned
        {
            add { }
            remove { }
        }

        public SortedSet<ulong> Open { get; } = [1, 2, 3];

        public HashSet<ulong> Ended { get; } = [];

        public Task<TransportClosure> Closed { get; } = new TaskCompletionSource<TransportClosure>().Task;

        public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
        {
            Must(Open.Contains(deliveryTag), $"delivery {deliveryTag} is acknowledged twice");
            foreach (ulong tag in Open.Where(tag => tag == deliveryTag || (multiple && tag < deliveryTag)).ToArray())
            {
                Must(Ended.Contains(tag), $"delivery {tag} is acknowledged before its end");
                Open.Remove(tag);
            }

            var sent = new TaskCompletionSource();
            ThreadPool.UnsafeQueueUserWorkItem(_ => sent.SetResult(), state: null);
            return new ValueTask(sent.Task);
        }

        public ValueTask DisposeAsync() => default;

        public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task BindDirectAsync(string exchange, string queue, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
