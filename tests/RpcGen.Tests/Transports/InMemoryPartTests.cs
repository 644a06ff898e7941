using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Transports;

/// <summary>Parts of the in-process broker by themselves.</summary>
public sealed class InMemoryPartTests : InMemoryFixture
{
    [Fact]
    public void Differences_of_queues_read_as_RabbitMQ_s()
    {
        Assert.Equal("'durable' for queue 'q' in vhost '/': received 'false' but current is 'true'", Difference(QueueKind.Classic, QueueKind.Transient));
        Assert.Equal("'durable' for queue 'q' in vhost '/': received 'true' but current is 'false'", Difference(QueueKind.Transient, QueueKind.Quorum));
        Assert.Equal("'x-queue-type' for queue 'q' in vhost '/': received 'quorum' but current is 'classic'", Difference(QueueKind.Classic, QueueKind.Quorum));
        Assert.Equal("'x-queue-type' for queue 'q' in vhost '/': received 'classic' but current is 'quorum'", Difference(QueueKind.Quorum, QueueKind.Classic));
        Assert.Null(Difference(QueueKind.Classic, QueueKind.Classic));

        static string? Difference(QueueKind current, QueueKind received) =>
            QueueDifference.Describe(new QueueDeclaration("q", current), new QueueDeclaration("q", received));
    }

    [Fact]
    public void Differences_of_priorities_read_as_RabbitMQ_s() => Assert.Equal(
        "'x-max-priority' for queue 'q' in vhost '/': received the value '5' of type 'signedint' but current is none",
        QueueDifference.Describe(new QueueDeclaration("q", QueueKind.Classic), new QueueDeclaration("q", QueueKind.Classic, 5)));

    [Fact]
    public void Short_strings_have_at_most_255_bytes()
    {
        Assert.Null(AmqpConversion.ShortString(null));
        string longest = new('x', 255), umlauts = new('ü', 127);
        Assert.Same(longest, AmqpConversion.ShortString(longest));
        Assert.Same(umlauts, AmqpConversion.ShortString(umlauts));
        Assert.Throws<ArgumentException>(() => AmqpConversion.ShortString(new string('x', 256)));
        Assert.Throws<ArgumentException>(() => AmqpConversion.ShortString(new string('ü', 128)));
        Assert.Throws<ArgumentException>(() => AmqpConversion.ShortString(new string('✓', 86)));
    }

    [Fact]
    public void Headers_are_converted_as_the_wire_does()
    {
        byte[] bytes = [1];
        Dictionary<string, object?> sent = AmqpConversion.ToWire(new Dictionary<string, object?> { ["text"] = "ü", ["bytes"] = bytes, ["null"] = null, ["int"] = 1 })!;

        Assert.Equal("ü"u8.ToArray(), sent["text"]);
        Assert.NotSame(bytes, sent["bytes"]);
        Assert.Equal([1], (byte[])sent["bytes"]!);
        Assert.Null(sent["null"]);
        Assert.Equal(1, sent["int"]);
        Assert.NotSame(sent, AmqpConversion.FromWire(sent));
        Assert.Equal(sent, AmqpConversion.FromWire(sent));
        Assert.Null(AmqpConversion.ToWire(null));
        Assert.Null(AmqpConversion.FromWire(null));
        Assert.Contains("'odd'", Assert.Throws<ArgumentException>(() => AmqpConversion.ToWire(new Dictionary<string, object?> { ["odd"] = 1m })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_is_kept_until_the_last_hold_ends()
    {
        string name = $"{Guid.NewGuid():N}";
        InMemoryBroker broker = InMemoryBrokers.Hold(name, Time);
        Assert.Same(broker, InMemoryBrokers.Hold(name, Time));

        broker.Dispose();
        Assert.Same(broker, InMemoryBrokers.Find(name));
        broker.Dispose();
        Assert.Null(InMemoryBrokers.Find(name));

        InMemoryBroker next = InMemoryBrokers.Hold(name, Time);
        broker.Dispose(); // once too often: not the next one's hold
        Assert.Same(next, InMemoryBrokers.Find(name));
        next.Dispose();
        Assert.Null(InMemoryBrokers.Find(name));
    }

    [Fact]
    public async Task A_hold_outlives_no_connection()
    {
        string name = $"{Guid.NewGuid():N}";
        InMemoryBroker broker = InMemoryBrokers.Hold(name, Time);
        ITransportConnection connection = await new InMemoryTransport(name, Time).ConnectAsync("a", Cancel);

        broker.Dispose();
        Assert.Same(broker, InMemoryBrokers.Find(name));
        await connection.DisposeAsync();
        Assert.Null(InMemoryBrokers.Find(name));
    }

    [Fact]
    public void Events_are_raised_one_at_a_time_in_order_and_outside_the_gate()
    {
        var work = new Queue<IThreadPoolWorkItem>();
        Broker.Scheduler = work.Enqueue;
        var raised = new List<int>();
        EventQueue<int> events = null!;
        events = new EventQueue<int>(Broker, Raise, exception => Assert.Fail(exception.Message));
        Post(1);
        Post(2);

        work.Dequeue().Execute();
        Assert.Equal([1, 2], raised);
        work.Dequeue().Execute();
        Assert.Equal([1, 2, 3], raised);
        Assert.Empty(work);
        Post(4);
        Assert.Single(work);

        void Post(int item)
        {
            lock (Broker.Gate)
            {
                events.Post(item);
            }
        }

        void Raise(int item)
        {
            Assert.False(Broker.Gate.IsHeldByCurrentThread);
            raised.Add(item);
            if (item == 1)
            {
                Post(3);
                Assert.Empty(work); // not scheduled twice
            }
        }
    }

    [Fact]
    public void A_failed_event_drops_those_taken_with_it_and_no_later_ones()
    {
        var work = new Queue<IThreadPoolWorkItem>();
        Broker.Scheduler = work.Enqueue;
        var raised = new List<int>();
        Exception? failure = null;
        var events = new EventQueue<int>(
            Broker,
            item =>
            {
                raised.Add(item);
                if (item == 1)
                {
                    throw new InvalidOperationException("a bug");
                }
            },
            exception => failure = exception);
        lock (Broker.Gate)
        {
            events.Post(1);
            events.Post(2);
        }

        work.Dequeue().Execute();
        Assert.IsType<InvalidOperationException>(failure);
        Assert.Equal([1], raised);

        lock (Broker.Gate)
        {
            events.Post(3);
        }

        work.Dequeue().Execute();
        Assert.Equal([1, 3], raised);
    }

    [Fact]
    public async Task A_failed_handler_closes_its_connection()
    {
        ITransportConnection connection = await ConnectAsync();
        connection.BlockedChanged += () => throw new InvalidOperationException("a bug");

        Broker.Block("low on memory");

        TransportClosure closure = await connection.Closed.WaitAsync(Bounds.Soon, Cancel);
        Assert.Equal((541, "541 INTERNAL_ERROR - a handler threw: a bug"), (closure.ReplyCode, closure.Reason));
    }

    [Fact]
    public async Task A_queue_with_a_maximum_refuses_what_waits_beyond_it()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportPublisher publisher = await connection.OpenPublisherAsync(Cancel);
        await DeclareAsync(channel);
        Broker.SetPolicy("q", new InMemoryPolicy(MaxLength: 1));

        Assert.Equal(PublishResult.Confirmed, (await publisher.PublishAsync(Message("a"), Cancel)).Result);
        Assert.Equal(PublishResult.Refused, (await publisher.PublishAsync(Message("b"), Cancel)).Result);
        Broker.SetPolicy("q", null);
        Assert.Equal(PublishResult.Confirmed, (await publisher.PublishAsync(Message("c"), Cancel)).Result);
        Assert.Equal(2, Broker.PurgeQueue("q"));
        Assert.Equal(0, Broker.PurgeQueue("another"));
    }

    [Fact]
    public async Task A_fanout_is_refused_if_any_queue_refuses()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportPublisher publisher = await connection.OpenPublisherAsync(Cancel);
        foreach (string queue in new[] { "full", "free" })
        {
            await DeclareAsync(channel, queue: queue);
            await channel.BindFanoutAsync("all", queue, Cancel);
            await channel.BindFanoutAsync("all", queue, Cancel); // bound once
        }

        Broker.SetPolicy("full", new InMemoryPolicy(MaxLength: 0));

        Assert.Equal(PublishResult.Refused, (await publisher.PublishAsync(Message("a") with { Exchange = "all" }, Cancel)).Result);
        Assert.Equal([("free", 1), ("full", 0)], Broker.Queues.Select(queue => (queue.Name, queue.Ready)));
    }

    [Fact]
    public async Task What_waits_is_lost_with_its_channel()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel other = await connection.OpenChannelAsync(Cancel);
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await DeclareAsync(other);
        Broker.Block("low on memory");
        await PublishAsync(channel, "lost");
        await PublishAsync(other, "kept");

        await channel.DisposeAsync();
        Broker.Unblock();

        Assert.Equal(1, Assert.Single(Broker.Queues).Ready);
    }
}
