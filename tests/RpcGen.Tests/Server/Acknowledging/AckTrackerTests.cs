using System.Collections.Concurrent;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Acknowledging;

public sealed class AckTrackerTests
{
    [Fact]
    public void Every_ended_delivery_is_acknowledged_once_and_no_other() =>
        Gen.Int[1, 40].SelectMany(count => Gen.Shuffle(Enumerable.Range(1, count).ToArray())
            .Select(Gen.Int[0, count], (order, ended) => (count, order, ended)))
        .SampleAsync(async sample =>
        {
            var channel = new AckChannel();
            var acks = new AckTracker(channel, TimeProvider.System, prefetch: 64);
            Delivery[] deliveries = [.. Enumerable.Range(1, sample.count).Select(tag => Add(acks, (ulong)tag))];

            foreach (int tag in sample.order.Take(sample.ended))
            {
                acks.End(deliveries[tag - 1], acknowledge: true);
            }

            foreach (int tag in sample.order.Skip(sample.ended))
            {
                acks.End(deliveries[tag - 1], acknowledge: false);
            }

            await acks.WhenIdleAsync().Soon();
            return channel.Acknowledged(sample.count).Order().SequenceEqual(sample.order.Take(sample.ended).Order().Select(tag => (ulong)tag));
        });

    [Fact]
    public async Task It_is_idle_when_the_last_delivery_has_ended_even_if_all_were_acknowledged_early()
    {
        var channel = new AckChannel();
        var acks = new AckTracker(channel, TimeProvider.System, prefetch: 64);
        Delivery[] deliveries = [.. Enumerable.Range(1, 5).Select(tag => Add(acks, (ulong)tag))];
        foreach (Delivery delivery in deliveries)
        {
            acks.AcknowledgeEarly(delivery);
        }

        Task idle = acks.WhenIdleAsync();
        foreach (Delivery delivery in deliveries)
        {
            Assert.False(idle.IsCompleted);
            acks.End(delivery, acknowledge: true);
        }

        await idle.Soon();
        Assert.Equal([1UL, 2, 3, 4, 5], channel.Acknowledged(5).Order().ToArray());
    }

    [Fact]
    public async Task What_the_broker_regards_as_acknowledged_is_not_acknowledged()
    {
        var channel = new AckChannel();
        var acks = new AckTracker(channel, TimeProvider.System, prefetch: 64);

        acks.End(Add(acks, 0), acknowledge: true);

        await acks.WhenIdleAsync().Soon();
        Assert.Empty(channel.Acknowledged(0));
    }

    [Fact]
    public async Task Where_places_are_left_acknowledgements_are_collected_for_a_moment()
    {
        var channel = new AckChannel();
        var time = new FakeTimeProvider();
        var acks = new AckTracker(channel, time, prefetch: 64);
        foreach (ulong tag in new ulong[] { 1, 2, 3 })
        {
            acks.End(Add(acks, tag), acknowledge: true);
            acks.Flush();
        }

        Assert.Empty(channel.Acks);
        time.Advance(TimeSpan.FromMilliseconds(1));

        await acks.WhenIdleAsync().Soon();
        Assert.Equal([(3, true)], channel.Acks);
    }

    [Fact]
    public async Task While_it_is_waited_for_nothing_is_collected()
    {
        var channel = new AckChannel();
        var acks = new AckTracker(channel, new FakeTimeProvider(), prefetch: 64);
        Delivery answered = Add(acks, 1);
        _ = Add(acks, 2);
        Task idle = acks.WhenIdleAsync();

        acks.End(answered, acknowledge: true);
        acks.Flush();

        await channel.Acknowledging.Soon();
        Assert.Equal([(1, false)], channel.Acks);
        Assert.False(idle.IsCompleted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Where_the_broker_may_be_waiting_for_places_it_is_told_at_once(int prefetch)
    {
        var channel = new AckChannel();
        var acks = new AckTracker(channel, new FakeTimeProvider(), prefetch);

        acks.End(Add(acks, 1), acknowledge: true);
        acks.Flush();

        await channel.Acknowledging.Soon();
        Assert.Equal([(1, false)], channel.Acks);
    }

    private static Delivery Add(AckTracker acks, ulong tag) => acks.Add(new IncomingMessage { DeliveryTag = tag }, receivedAt: 0, maxBodyBytes: 0);

    /// <summary>Notes acknowledgements, and throws where the broker would: at a tag acknowledged twice.</summary>
    private sealed class AckChannel : ITransportChannel
    {
        private readonly ConcurrentQueue<(ulong Tag, bool Multiple)> _acks = new();
        private readonly TaskCompletionSource _acknowledging = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyCollection<(ulong Tag, bool Multiple)> Acks => _acks;

        /// <summary>Completes at the first acknowledgement.</summary>
        public Task Acknowledging => _acknowledging.Task;

        public Task<TransportClosure> Closed { get; } = new TaskCompletionSource<TransportClosure>().Task;

        public event Action<ReturnedMessage>? Returned
        {
            add { }
            remove { }
        }

        public IReadOnlyList<ulong> Acknowledged(int delivered)
        {
            var open = new SortedSet<ulong>(Enumerable.Range(1, delivered).Select(tag => (ulong)tag));
            var done = new List<ulong>();
            foreach ((ulong tag, bool multiple) in _acks)
            {
                Assert.Contains(tag, open);
                foreach (ulong acknowledged in multiple ? open.Where(other => other <= tag).ToArray() : [tag])
                {
                    open.Remove(acknowledged);
                    done.Add(acknowledged);
                }
            }

            return done;
        }

        public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
        {
            _acks.Enqueue((deliveryTag, multiple));
            _acknowledging.TrySetResult();
            return default;
        }

        public ValueTask DisposeAsync() => default;

        public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) => AckAsync(deliveryTag, multiple: false, cancellationToken);

        public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<bool> TakeOneAsync(string queue, ITransportConsumer taker, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
