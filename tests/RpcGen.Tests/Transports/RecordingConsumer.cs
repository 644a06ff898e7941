using System.Text;
using System.Threading.Channels;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Transports;

/// <summary>A delivery, with a body of its own.</summary>
internal sealed record Delivery(IncomingMessage Message, byte[] Body)
{
    public ulong Tag => Message.DeliveryTag;

    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>Keeps what it is given, and sees to it that it is called by one at a time.</summary>
/// <param name="onDelivered">Runs inside of each delivery.</param>
internal sealed class RecordingConsumer(Action<Delivery>? onDelivered = null) : ITransportConsumer
{
    private readonly Channel<Delivery> _deliveries = Channel.CreateUnbounded<Delivery>();
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private int _count;

    /// <summary>Completes when the broker has ended the consumer.</summary>
    public Task CancelledByBroker => _cancelled.Task.WaitAsync(Bounds.Soon);

    public int Count => Volatile.Read(ref _count);

    public void OnDelivered(in IncomingMessage message)
    {
        if (Interlocked.Increment(ref _running) != 1)
        {
            _deliveries.Writer.TryComplete(new InvalidOperationException("Two deliveries at once."));
        }

        byte[] body = message.Body.ToArray();
        var delivery = new Delivery(message with { Body = body }, body);
        Interlocked.Increment(ref _count);
        onDelivered?.Invoke(delivery);
        Interlocked.Decrement(ref _running);
        _deliveries.Writer.TryWrite(delivery);
    }

    public void OnCancelledByBroker() => _cancelled.TrySetResult();

    /// <summary>The next delivery.</summary>
    public async Task<Delivery> NextAsync() => await _deliveries.Reader.ReadAsync().AsTask().WaitAsync(Bounds.Soon);

    /// <summary>The next deliveries.</summary>
    public async Task<Delivery[]> NextAsync(int count)
    {
        var deliveries = new Delivery[count];
        for (int i = 0; i < count; i++)
        {
            deliveries[i] = await NextAsync();
        }

        return deliveries;
    }
}
