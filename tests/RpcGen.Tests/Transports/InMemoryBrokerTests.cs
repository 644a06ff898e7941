using RpcGen.Transport;
using RpcGen.Transport.InMemory;
using Xunit;

namespace RpcGen.Tests.Transports;

/// <summary>Who meets at a name and for how long, and what time and consumers see.</summary>
public sealed class InMemoryBrokerTests : InMemoryFixture
{
    [Fact]
    public async Task A_broker_is_forgotten_with_its_last_connection()
    {
        string name = $"{Guid.NewGuid():N}";
        var transport = new InMemoryTransport(name, Time);
        Assert.Equal($"memory://{name}", transport.Address);
        Assert.Null(InMemoryBrokers.Find(name));
        ITransportConnection first = await transport.ConnectAsync("a", Cancel);
        ITransportConnection second = await new InMemoryTransport(name, Time).ConnectAsync("b", Cancel);
        await using ITransportChannel channel = await first.OpenChannelAsync(Cancel);
        await DeclareAsync(channel);

        await first.DisposeAsync();
        Assert.Equal("q", Assert.Single(InMemoryBrokers.Find(name)!.Queues).Name);

        await second.DisposeAsync();
        Assert.Null(InMemoryBrokers.Find(name));
    }

    [Fact]
    public async Task A_broker_outlives_connections_that_a_fault_has_closed()
    {
        string name = $"{Guid.NewGuid():N}";
        var transport = new InMemoryTransport(name, Time);
        ITransportConnection connection = await transport.ConnectAsync("a", Cancel);
        InMemoryBroker broker = InMemoryBrokers.Find(name)!;

        broker.CloseConnections(new TransportClosure("a fault"));
        await connection.DisposeAsync();
        Assert.Same(broker, InMemoryBrokers.Find(name));

        await (await transport.ConnectAsync("again", Cancel)).DisposeAsync();
        Assert.Null(InMemoryBrokers.Find(name));
    }

    [Fact]
    public async Task A_queue_expires_once_it_had_no_consumer_for_long_enough()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        var expiring = new QueueDeclaration("q", QueueKind.Classic, ExpiresAfter: TimeSpan.FromSeconds(10));
        await channel.DeclareQueueAsync(expiring, Cancel);
        Time.Advance(TimeSpan.FromSeconds(9));
        await channel.DeclareQueueAsync(expiring, Cancel); // starts the time again
        Time.Advance(TimeSpan.FromSeconds(9));
        string consumer = await channel.ConsumeAsync("q", 1, new RecordingConsumer(), Cancel);
        Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Single(Broker.Queues);

        await channel.CancelConsumerAsync(consumer, Cancel);
        Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Single(Broker.Queues);
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(Broker.Queues);
        Assert.Equal(AmqpReplyCodes.NotFound, (await Assert.ThrowsAsync<TransportRefusedException>(() => channel.InspectQueueAsync("q", Cancel))).Code);
    }

    [Fact]
    public async Task A_broker_that_is_held_keeps_its_queues_without_connections()
    {
        await using (ITransportChannel channel = await OpenChannelAsync())
        {
            await DeclareAsync(channel);
            await PublishAsync(channel, "kept");
        }

        await DisposeConnectionsAsync();

        Assert.Empty(Broker.Connections);
        Assert.Equal(new InMemoryQueueInfo(new QueueDeclaration("q", QueueKind.Classic), Ready: 1, Unacked: 0, Consumers: 0), Assert.Single(Broker.Queues));

        async Task DisposeConnectionsAsync()
        {
            foreach (InMemoryConnection connection in Broker.Connections)
            {
                await connection.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_message_expires_when_its_time_has_come()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        await channel.PublishAsync(Message("a") with { Expiration = 1000 }, Cancel);

        Time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(1, Assert.Single(Broker.Queues).Ready);

        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, Assert.Single(Broker.Queues).Ready);
    }

    [Fact]
    public async Task A_message_that_may_wait_for_ever_does()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        await channel.PublishAsync(Message("a") with { Expiration = long.MaxValue }, Cancel);

        Time.Advance(TimeSpan.FromDays(10_000));

        Assert.Equal(1, Assert.Single(Broker.Queues).Ready);
    }

    [Fact]
    public async Task A_message_that_expired_behind_another_goes_unseen()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        await channel.PublishAsync(Message("long") with { Expiration = 5000 }, Cancel);
        await channel.PublishAsync(Message("short") with { Expiration = 1000 }, Cancel);
        await channel.PublishAsync(Message("for ever"), Cancel);
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(3u, (await channel.InspectQueueAsync("q", Cancel)).ReadyMessages);

        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync("q", 1, consumer, Cancel);
        Delivery first = await consumer.NextAsync();
        await channel.AckAsync(first.Tag, multiple: false, Cancel);

        Assert.Equal("long", first.Text);
        Assert.Equal("for ever", (await consumer.NextAsync()).Text);
    }

    [Fact]
    public async Task What_expired_with_its_consumer_does_not_come_back()
    {
        ITransportChannel channel = await OpenChannelAsync();
        ITransportChannel consuming = await OpenChannelAsync();
        await DeclareAsync(channel);
        var consumer = new RecordingConsumer();
        await consuming.ConsumeAsync("q", 1, consumer, Cancel);
        await channel.PublishAsync(Message("a") with { Expiration = 1000 }, Cancel);
        await consumer.NextAsync();

        Time.Advance(TimeSpan.FromSeconds(1));
        await consuming.DisposeAsync();

        Assert.Equal(0u, (await channel.InspectQueueAsync("q", Cancel)).ReadyMessages);
    }

    [Fact]
    public async Task An_expiration_that_is_none_closes_the_channel()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);

        await channel.PublishAsync(Message("a") with { Expiration = -1 }, Cancel);

        Assert.StartsWith("406", (await channel.Closed).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_is_spoiled_once_its_consumer_has_returned()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        ReadOnlyMemory<byte> kept = default;
        var consumer = new KeepingConsumer(body => kept = body);
        string tag = await channel.ConsumeAsync("q", 5, consumer, Cancel);
        await PublishAsync(channel, "text");
        await consumer.Called;
        await channel.CancelConsumerAsync(tag, Cancel);

        Assert.NotEqual("text"u8.ToArray(), kept.ToArray());
    }

    [Fact]
    public async Task A_consumer_that_throws_closes_its_channel()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        await channel.ConsumeAsync("q", 5, new RecordingConsumer(_ => throw new InvalidOperationException("a bug")), Cancel);

        await PublishAsync(channel, "text");

        TransportClosure closure = await channel.Closed;
        Assert.Contains("a bug", closure.Reason, StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(closure.Exception);
        Assert.Equal(1, Assert.Single(Broker.Queues).Ready);
    }

    [Fact]
    public async Task Nothing_is_delivered_on_a_closed_channel()
    {
        var work = new Queue<IThreadPoolWorkItem>();
        Broker.Scheduler = work.Enqueue;
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync("q", 5, consumer, Cancel);
        await PublishAsync(channel, "a");

        await channel.DisposeAsync();
        Assert.Single(work).Execute();

        Assert.Equal(0, consumer.Count);
        Assert.Equal(1, Assert.Single(Broker.Queues).Ready);
    }

    [Fact]
    public async Task Consumers_take_turns()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        RecordingConsumer one = new(), two = new();
        await channel.ConsumeAsync("q", 0, one, Cancel);
        await channel.ConsumeAsync("q", 0, two, Cancel);

        await PublishAsync(channel, "1", "2", "3", "4");

        Assert.Equal(["1", "3"], (await one.NextAsync(2)).Select(delivery => delivery.Text));
        Assert.Equal(["2", "4"], (await two.NextAsync(2)).Select(delivery => delivery.Text));
    }

    private sealed class KeepingConsumer(Action<ReadOnlyMemory<byte>> keep) : ITransportConsumer
    {
        private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Called => _called.Task;

        public void OnDelivered(in IncomingMessage message)
        {
            keep(message.Body);
            _called.SetResult();
        }

        public void OnCancelledByBroker()
        {
        }
    }
}
