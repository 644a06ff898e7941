using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

public abstract partial class TransportConformance
{
    [Theory]
    [InlineData((int)QueueKind.Classic)]
    [InlineData((int)QueueKind.Quorum)]
    [InlineData((int)QueueKind.Transient)]
    [InlineData((int)QueueKind.Exclusive)]
    public async Task A_queue_may_be_declared_again_as_it_is(int kind)
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, (QueueKind)kind);
        await PublishAsync(channel, queue, "kept");

        await channel.DeclareQueueAsync(new QueueDeclaration(queue, (QueueKind)kind), Cancel);

        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 1, consumer, Cancel);
        Delivery delivery = await consumer.NextAsync();
        Assert.Equal("kept", delivery.Text);
        await channel.AckAsync(delivery.Tag, multiple: false, Cancel);
    }

    [Theory]
    [InlineData((int)QueueKind.Classic, (int)QueueKind.Transient)]
    [InlineData((int)QueueKind.Classic, (int)QueueKind.Quorum)]
    [InlineData((int)QueueKind.Quorum, (int)QueueKind.Classic)]
    [InlineData((int)QueueKind.Quorum, (int)QueueKind.Transient)]
    [InlineData((int)QueueKind.Transient, (int)QueueKind.Classic)]
    public async Task A_queue_declared_as_something_else_is_refused(int current, int wanted)
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        string queue = await DeclareQueueAsync(channel, (QueueKind)current);

        TransportRefusedException refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => channel.DeclareQueueAsync(new QueueDeclaration(queue, (QueueKind)wanted), Cancel));

        Assert.Equal(AmqpReplyCodes.PreconditionFailed, refused.Code);
        Assert.Contains("inequivalent arg", refused.Message, StringComparison.Ordinal);
        Assert.Contains(queue, refused.Message, StringComparison.Ordinal);
        Assert.Contains("406", (await ClosureOfAsync(channel)).Reason, StringComparison.Ordinal);
        Assert.False(connection.Closed.IsCompleted);
    }

    [Theory]
    [InlineData((int)QueueKind.Classic, (int)QueueKind.Exclusive)]
    [InlineData((int)QueueKind.Exclusive, (int)QueueKind.Classic)]
    public async Task An_exclusive_queue_is_no_shared_one(int current, int wanted)
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, (QueueKind)current);

        TransportRefusedException refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => channel.DeclareQueueAsync(new QueueDeclaration(queue, (QueueKind)wanted), Cancel));

        Assert.Equal(AmqpReplyCodes.ResourceLocked, refused.Code);
    }

    [Fact]
    public async Task An_exclusive_queue_is_locked_for_others_but_takes_their_messages()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        ITransportConnection others = await ConnectAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 0, consumer, Cancel);

        await AssertLockedAsync(other => other.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), Cancel));
        await AssertLockedAsync(other => other.InspectQueueAsync(queue, Cancel));
        await AssertLockedAsync(other => other.ConsumeAsync(queue, 0, new RecordingConsumer(), Cancel));
        await AssertLockedAsync(other => other.BindFanoutAsync(NewName(), queue, Cancel));
        await using ITransportChannel publisher = await others.OpenChannelAsync(Cancel);
        await publisher.PublishAsync(ToQueue(queue, "reply", isMandatory: true), Cancel);

        Assert.Equal("reply", (await consumer.NextAsync()).Text);

        async Task AssertLockedAsync(Func<ITransportChannel, Task> use)
        {
            await using ITransportChannel other = await others.OpenChannelAsync(Cancel);
            TransportRefusedException refused = await Assert.ThrowsAsync<TransportRefusedException>(() => use(other));
            Assert.Equal(AmqpReplyCodes.ResourceLocked, refused.Code);
        }
    }

    [Fact]
    public async Task An_exclusive_queue_serves_all_channels_of_its_connection()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        await channel.DisposeAsync();
        await using ITransportChannel sibling = await connection.OpenChannelAsync(Cancel);

        await PublishAsync(sibling, queue, "a");

        await UntilAsync(sibling, queue, ready: 1);
    }

    [Fact]
    public async Task An_exclusive_queue_goes_with_its_connection()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);

        await connection.DisposeAsync();

        await UntilGoneAsync(await ConnectAsync(), queue);
    }

    [Fact]
    public async Task An_exclusive_queue_goes_with_its_last_consumer()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        string tag = await channel.ConsumeAsync(queue, 0, new RecordingConsumer(), Cancel);

        await channel.CancelConsumerAsync(tag, Cancel);

        await UntilGoneAsync(connection, queue);
    }

    [Fact]
    public async Task A_queue_whose_type_is_left_to_the_broker_is_durable_and_equals_the_broker_s_default()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.BrokerDefault);

        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Classic), Cancel);
        await using ITransportChannel other = await OpenChannelAsync();

        TransportRefusedException refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => other.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Transient), Cancel));
        Assert.Contains("'durable'", refused.Message, StringComparison.Ordinal);
        Assert.Equal($"'{queue}' (durable, without x-queue-type)", new QueueDeclaration(queue, QueueKind.BrokerDefault).ToString());
    }

    [Fact]
    public async Task What_is_missing_is_refused_and_closes_the_channel()
    {
        ITransportConnection connection = await ConnectAsync();
        string queue = NewName();

        await AssertMissingAsync(channel => channel.InspectQueueAsync(queue, Cancel));
        await AssertMissingAsync(channel => channel.ConsumeAsync(queue, 1, new RecordingConsumer(), Cancel));
        Assert.False(connection.Closed.IsCompleted);

        async Task AssertMissingAsync(Func<ITransportChannel, Task> use)
        {
            await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
            TransportRefusedException refused = await Assert.ThrowsAsync<TransportRefusedException>(() => use(channel));
            Assert.Equal(AmqpReplyCodes.NotFound, refused.Code);
            Assert.Contains(queue, refused.Message, StringComparison.Ordinal);
            Assert.Contains("404", (await ClosureOfAsync(channel)).Reason, StringComparison.Ordinal);
            await Assert.ThrowsAsync<TransportClosedException>(() => use(channel));
        }
    }

    [Fact]
    public async Task A_look_at_a_queue_counts_what_is_ready_and_who_consumes()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        Assert.Equal(default, await channel.InspectQueueAsync(queue, Cancel));

        await PublishAsync(channel, queue, "a", "b", "c");
        await UntilAsync(channel, queue, ready: 3);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 1, consumer, Cancel);
        await consumer.NextAsync();

        await UntilAsync(channel, queue, ready: 2, consumers: 1);
    }
}
