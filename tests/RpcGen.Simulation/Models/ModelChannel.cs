using RpcGen.Transport;

namespace RpcGen.Simulation.Models;

/// <summary>A channel of a server. It checks acknowledgements as a broker does, and sends in the background.</summary>
/// <param name="deliveries">How many deliveries wait for their acknowledgements; their tags begin with 1.</param>
internal sealed class ModelChannel(int deliveries) : ITransportChannel
{
    public event Action<ReturnedMessage>? Returned
    {
        add { }
        remove { }
    }

    /// <summary>The deliveries that are not acknowledged.</summary>
    public SortedSet<ulong> Open { get; } = [.. Enumerable.Range(1, deliveries).Select(static tag => (ulong)tag)];

    /// <summary>The deliveries that may be acknowledged.</summary>
    public HashSet<ulong> MayAcknowledge { get; } = [];

    /// <summary>Gets each message that is sent, when it begins and when it has ended.</summary>
    public Action<ReadOnlyMemory<byte>, bool>? OnSent { get; set; }

    public Task<TransportClosure> Closed { get; } = new TaskCompletionSource<TransportClosure>().Task;

    public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
    {
        Model.Must(Open.Contains(deliveryTag), $"delivery {deliveryTag} is acknowledged twice");
        foreach (ulong tag in Open.Where(tag => tag == deliveryTag || (multiple && tag < deliveryTag)).ToArray())
        {
            Model.Must(MayAcknowledge.Contains(tag), $"delivery {tag} is acknowledged before its end");
            Open.Remove(tag);
        }

        return SendAsync(static () => { });
    }

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> body = message.Body;
        OnSent?.Invoke(body, false);
        return SendAsync(() => OnSent?.Invoke(body, true));
    }

    public ValueTask DisposeAsync() => default;

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

    private static ValueTask SendAsync(Action onSent)
    {
        var sent = new TaskCompletionSource();
        ThreadPool.UnsafeQueueUserWorkItem(_ => { onSent(); sent.SetResult(); }, state: null);
        return new ValueTask(sent.Task);
    }
}
