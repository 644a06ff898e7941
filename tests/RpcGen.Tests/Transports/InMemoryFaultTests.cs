using RpcGen.Transport;
using RpcGen.Transport.InMemory;
using Xunit;

namespace RpcGen.Tests.Transports;

/// <summary>What a test may do to the in-memory broker, and what its users then see.</summary>
public sealed class InMemoryFaultTests : InMemoryFixture
{
    [Fact]
    public async Task Closing_all_connections_tells_them_why()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        var cause = new IOException("reset");

        Broker.CloseConnections(new TransportClosure("the cable was cut", cause));

        Assert.Equal(new TransportClosure("the cable was cut", cause), await connection.Closed);
        Assert.Equal(new TransportClosure("the cable was cut", cause), await channel.Closed);
        TransportClosedException closed = await Assert.ThrowsAsync<TransportClosedException>(async () => await channel.PublishAsync(Message("a"), Cancel));
        Assert.Same(cause, closed.InnerException);
        await (await ConnectAsync()).OpenChannelAsync(Cancel);
    }

    [Fact]
    public async Task What_was_never_offered_is_not_marked_redelivered_after_a_fault()
    {
        ITransportChannel channel = await OpenChannelAsync();
        ITransportChannel other = await OpenChannelAsync();
        await DeclareAsync(channel);
        RecordingConsumer first = new(), second = new(), third = new();
        await channel.ConsumeAsync("q", 1, first, Cancel);
        await other.ConsumeAsync("q", 1, second, Cancel);
        await PublishAsync(channel, "1", "2", "3");
        await first.NextAsync();
        await second.NextAsync();

        Broker.CloseConnections(new TransportClosure("a fault"));
        channel = await OpenChannelAsync();
        await channel.ConsumeAsync("q", 0, third, Cancel);

        Assert.Equal(
            [("1", true), ("2", true), ("3", false)],
            (await third.NextAsync(3)).Select(delivery => (delivery.Text, delivery.Message.IsRedelivered)));
    }

    [Fact]
    public async Task A_channel_can_be_closed_alone()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);

        Broker.CloseChannel(Assert.Single(Assert.Single(Broker.Connections).Channels), new TransportClosure("541 INTERNAL_ERROR"));

        Assert.Equal("541 INTERNAL_ERROR", (await channel.Closed).Reason);
        Assert.False(connection.Closed.IsCompleted);
        Assert.Empty(Assert.Single(Broker.Connections).Channels);
    }

    [Fact]
    public async Task A_blocked_broker_takes_messages_later()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await DeclareAsync(channel);
        var changed = new SemaphoreSlim(0);
        connection.BlockedChanged += () => changed.Release();

        Broker.Block("low on memory");
        await changed.WaitAsync(Cancel);
        Assert.Equal("low on memory", connection.BlockedReason);
        await channel.InspectQueueAsync("q", Cancel);
        await PublishAsync(channel, "a", "b");
        Task<QueueState> behind = channel.InspectQueueAsync("q", Cancel);
        Assert.Equal(0, Assert.Single(Broker.Queues).Ready);
        Assert.False(behind.IsCompleted);

        Broker.Unblock();
        await changed.WaitAsync(Cancel);
        Assert.Null(connection.BlockedReason);
        Assert.Equal(2u, (await behind).ReadyMessages);
    }

    [Fact]
    public async Task A_blocked_broker_serves_those_who_only_consume()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        await PublishAsync(channel, "a", "b");
        Broker.Block("low on disk");

        var consumer = new RecordingConsumer(delivery => _ = channel.AckAsync(delivery.Tag, multiple: false, Cancel).AsTask());
        await channel.ConsumeAsync("q", 1, consumer, Cancel);

        Assert.Equal(["a", "b"], (await consumer.NextAsync(2)).Select(delivery => delivery.Text));
    }

    [Fact]
    public async Task The_time_to_live_starts_when_the_broker_reads()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        Broker.Block("low on memory");
        await channel.PublishAsync(Message("a") with { Expiration = 1000 }, Cancel);
        Time.Advance(TimeSpan.FromSeconds(10));

        Broker.Unblock();

        Assert.Equal(1, Assert.Single(Broker.Queues).Ready);
    }

    [Fact]
    public async Task A_congested_way_makes_publishers_wait()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        Broker.Block("low on memory");
        int sent = 0;
        ValueTask publish = channel.PublishAsync(Message("a"), Cancel);
        while (publish.IsCompletedSuccessfully)
        {
            sent++;
            publish = channel.PublishAsync(Message("a"), Cancel);
        }

        using var giveUp = new CancellationTokenSource();
        ValueTask abandoned = channel.PublishAsync(Message("never"), giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await abandoned);
        Assert.False(publish.IsCompleted);

        Broker.Unblock();
        await publish;
        Assert.InRange(sent, 1, 1000);
        Assert.Equal(sent + 1, Assert.Single(Broker.Queues).Ready);
    }

    [Fact]
    public async Task What_is_held_up_is_lost_with_its_connection()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await DeclareAsync(channel);
        Broker.Block("low on memory");
        await PublishAsync(channel, "a");
        Task<QueueState> answer = channel.InspectQueueAsync("q", Cancel);

        Broker.CloseConnections(new TransportClosure("a fault"));
        Broker.Unblock();

        TransportClosedException closed = await Assert.ThrowsAsync<TransportClosedException>(() => answer);
        Assert.False(closed.NothingSent);
        Assert.Equal(0, Assert.Single(Broker.Queues).Ready);
    }

    [Fact]
    public async Task A_paused_broker_does_nothing_until_it_is_resumed()
    {
        ITransportChannel channel = await OpenChannelAsync();
        ITransportChannel leaving = await OpenChannelAsync();
        ITransportChannel doomed = await OpenChannelAsync();
        await DeclareAsync(channel);
        RecordingConsumer consumer = new(), left = new();
        await leaving.ConsumeAsync("q", 1, left, Cancel);
        await PublishAsync(channel, "1", "2");
        await left.NextAsync();
        await channel.ConsumeAsync("q", 2, consumer, Cancel);
        Delivery two = await consumer.NextAsync();

        Broker.Pause();
        await PublishAsync(channel, "3");
        await channel.AckAsync(two.Tag, multiple: false, Cancel);
        Task<QueueState> inspected = channel.InspectQueueAsync("q", Cancel);
        Task<QueueState> refused = doomed.InspectQueueAsync("missing", Cancel);
        Task<ITransportConnection> connecting = ConnectAsync();
        await leaving.DisposeAsync();
        Assert.Equal(new InMemoryQueueInfo(new QueueDeclaration("q", QueueKind.Classic), Ready: 1, Unacked: 1, Consumers: 1), Assert.Single(Broker.Queues));
        Assert.False(inspected.IsCompleted || connecting.IsCompleted);
        Assert.Equal(1, consumer.Count);

        Broker.Resume();
        Assert.Equal(["1", "3"], (await consumer.NextAsync(2)).Select(delivery => delivery.Text));
        Assert.Equal(new QueueState(0, 1), await inspected);
        Assert.Equal(AmqpReplyCodes.NotFound, (await Assert.ThrowsAsync<TransportRefusedException>(() => refused)).Code);
        await connecting;
    }

    [Fact]
    public async Task A_wait_for_a_paused_broker_can_be_cancelled()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        Broker.Pause();
        using var giveUp = new CancellationTokenSource();
        Task[] waits =
        [
            Transport.ConnectAsync("x", giveUp.Token),
            connection.OpenChannelAsync(giveUp.Token),
            channel.InspectQueueAsync("q", giveUp.Token),
        ];

        await giveUp.CancelAsync();

        foreach (Task wait in waits)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        }

        await connection.DisposeAsync();
        Assert.True(channel.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_stopped_broker_refuses_and_keeps_what_is_durable()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await DeclareAsync(channel);
        await DeclareAsync(channel, QueueKind.Quorum, "quorum");
        await DeclareAsync(channel, QueueKind.Transient, "transient");
        await DeclareAsync(channel, QueueKind.Exclusive, "exclusive");
        await PublishAsync(channel, "lost");
        await channel.PublishAsync(Message("kept") with { IsPersistent = true }, Cancel);
        await channel.PublishAsync(Message("kept too", "quorum"), Cancel);

        Broker.Stop();
        Assert.StartsWith("320 CONNECTION_FORCED", (await connection.Closed).Reason, StringComparison.Ordinal);
        RpcConnectionException refused = await Assert.ThrowsAsync<RpcConnectionException>(ConnectAsync);
        Assert.Contains(Transport.Address, refused.Message, StringComparison.Ordinal);

        Broker.Start();
        Assert.Equal([("q", 1), ("quorum", 1)], Broker.Queues.Select(queue => (queue.Name, queue.Ready)));
        channel = await OpenChannelAsync();
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync("q", 0, consumer, Cancel);
        Assert.Equal("kept", (await consumer.NextAsync()).Text);
    }

    [Fact]
    public async Task Wiping_cancels_every_consumer()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        await DeclareAsync(channel, QueueKind.Exclusive, "exclusive");
        await channel.BindFanoutAsync("fanout", "exclusive", Cancel);
        RecordingConsumer one = new(), two = new();
        await channel.ConsumeAsync("q", 1, one, Cancel);
        await channel.ConsumeAsync("exclusive", 0, two, Cancel);

        Broker.Wipe();

        await one.CancelledByBroker;
        await two.CancelledByBroker;
        Assert.Empty(Broker.Queues);
        await channel.PublishAsync(Message("a") with { Exchange = "fanout" }, Cancel);
        Assert.StartsWith("404", (await channel.Closed).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_a_queue_takes_what_is_unacknowledged_with_it()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync("q", 5, consumer, Cancel);
        await PublishAsync(channel, "a", "b");
        Delivery[] deliveries = await consumer.NextAsync(2);

        Assert.True(Broker.DeleteQueue("q"));
        Assert.False(Broker.DeleteQueue("q"));
        await DeclareAsync(channel);
        await channel.RequeueAsync(deliveries[0].Tag, Cancel);
        await channel.AckAsync(deliveries[1].Tag, multiple: false, Cancel);

        Assert.Equal(new QueueState(0, 0), await channel.InspectQueueAsync("q", Cancel));
    }

    [Fact]
    public async Task Purging_leaves_what_is_delivered()
    {
        ITransportChannel channel = await OpenChannelAsync();
        await DeclareAsync(channel);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync("q", 1, consumer, Cancel);
        await PublishAsync(channel, "a", "b", "c");

        Assert.Equal(2, Broker.PurgeQueue("q"));

        InMemoryQueueInfo queue = Assert.Single(Broker.Queues);
        Assert.Equal((0, 1), (queue.Ready, queue.Unacked));
    }
}
