using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

public abstract partial class TransportConformance
{
    /// <summary>Declares a durable queue as operators may set one up, to be deleted with the test.</summary>
    private protected abstract Task DeclareSpecialQueueAsync(string queue, int? maxLength, string? deadLetterQueue);

    [Fact]
    public async Task The_broker_confirms_what_a_queue_has()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportPublisher publisher = await connection.OpenPublisherAsync(Cancel);
        string queue = await DeclareQueueAsync(channel);

        PublishOutcome outcome = await publisher.PublishAsync(
            ToQueue(queue, "one", isMandatory: true) with { CorrelationId = new CorrelationId(1), IsPersistent = true, Type = "t", ReplyTo = "r" }, Cancel);

        Assert.Equal(PublishResult.Confirmed, outcome.Result);
        await UntilAsync(channel, queue, ready: 1);
        var taker = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 1, taker, Cancel);
        Delivery delivery = await taker.NextAsync();
        Assert.Equal(("one", "t", "r", "0000000000000001"), (delivery.Text, delivery.Message.Type, delivery.Message.ReplyTo, delivery.Message.CorrelationId));
    }

    [Fact]
    public async Task Many_confirms_may_be_outstanding_and_each_finds_its_message()
    {
        const int count = 2_000;
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportPublisher publisher = await connection.OpenPublisherAsync(Cancel);
        string queue = await DeclareQueueAsync(channel);
        string nowhere = NewName();

        PublishOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(1, count).Select(number => publisher.PublishAsync(
            ToQueue(number % 10 == 0 ? nowhere : queue, "x", isMandatory: true) with { CorrelationId = new CorrelationId((ulong)number) }, Cancel))).WaitAsync(Bounds.Soon, Cancel);

        Assert.Equal(
            Enumerable.Range(1, count).Select(number => number % 10 == 0 ? PublishResult.Returned : PublishResult.Confirmed),
            outcomes.Select(outcome => outcome.Result));
        Assert.Equal("312 NO_ROUTE", outcomes[9].Reason);
        await UntilAsync(channel, queue, ready: count * 9 / 10);
    }

    [Fact]
    public async Task A_message_that_nobody_misses_is_confirmed_without_a_queue()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportPublisher publisher = await connection.OpenPublisherAsync(Cancel);

        Assert.Equal(PublishResult.Confirmed, (await publisher.PublishAsync(ToQueue(NewName()), Cancel).WaitAsync(Bounds.Soon, Cancel)).Result);
    }

    [Fact]
    public async Task A_full_queue_refuses_what_comes_beyond()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportPublisher publisher = await connection.OpenPublisherAsync(Cancel);
        string queue = NewName();
        _queues.Add(queue);
        await DeclareSpecialQueueAsync(queue, maxLength: 2, deadLetterQueue: null);

        var results = new List<PublishResult>();
        for (ulong number = 1; number <= 3; number++)
        {
            results.Add((await publisher.PublishAsync(ToQueue(queue, "x", isMandatory: true) with { CorrelationId = new CorrelationId(number) }, Cancel)).Result);
        }

        Assert.Equal([PublishResult.Confirmed, PublishResult.Confirmed, PublishResult.Refused], results);
        await UntilAsync(channel, queue, ready: 2);
    }

    [Fact]
    public async Task A_missing_exchange_ends_the_publisher_and_what_waits_on_it()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel sibling = await connection.OpenChannelAsync(Cancel);
        await using ITransportPublisher publisher = await connection.OpenPublisherAsync(Cancel);
        string exchange = NewName();

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => publisher.PublishAsync(ToQueue("") with { Exchange = exchange }, Cancel).WaitAsync(Bounds.Soon, Cancel));

        Assert.Equal(AmqpReplyCodes.NotFound, refused.Code);
        Assert.Contains(exchange, refused.Message, StringComparison.Ordinal);
        await ClosureOfAsync(publisher);
        var closed = await Assert.ThrowsAsync<TransportClosedException>(() => publisher.PublishAsync(ToQueue("x"), Cancel));
        Assert.True(closed.NothingSent);
        await DeclareQueueAsync(sibling, QueueKind.Exclusive);
        Assert.False(connection.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_rejected_delivery_is_gone()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 1, consumer, Cancel);
        await PublishAsync(channel, queue, "bad", "good");

        await channel.RejectAsync((await consumer.NextAsync()).Tag, Cancel);
        Delivery next = await consumer.NextAsync();
        Assert.Equal(("good", false), (next.Text, next.Message.IsRedelivered));
        await channel.AckAsync(next.Tag, multiple: true, Cancel);

        await UntilAsync(channel, queue, ready: 0, consumers: 1);
        Assert.Equal(2, consumer.Count);
    }

    [Fact]
    public async Task A_rejected_delivery_goes_to_the_queue_of_dead_letters()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string dead = await DeclareQueueAsync(channel);
        string queue = NewName();
        _queues.Add(queue);
        await DeclareSpecialQueueAsync(queue, maxLength: null, dead);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 1, consumer, Cancel);
        await channel.PublishAsync(ToQueue(queue, "bad") with { Type = "t", Expiration = 60_000 }, Cancel);

        await channel.RejectAsync((await consumer.NextAsync()).Tag, Cancel);

        await UntilAsync(channel, dead, ready: 1);
        var taker = new RecordingConsumer();
        await channel.ConsumeAsync(dead, 1, taker, Cancel);
        Delivery letter = await taker.NextAsync();
        Assert.Equal(("bad", "t", null), (letter.Text, letter.Message.Type, letter.Message.Expiration));
    }

    [Fact]
    public async Task A_queue_with_priorities_gives_higher_ones_first()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = NewName();
        _queues.Add(queue);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Classic, MaxPriority: 5), Cancel);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Classic, MaxPriority: 5), Cancel);
        byte[] priorities = [0, 5, 1, 9, 5, 0];
        for (int i = 0; i < priorities.Length; i++)
        {
            await channel.PublishAsync(ToQueue(queue, $"{i}") with { Priority = priorities[i] }, Cancel);
        }

        await UntilAsync(channel, queue, ready: (uint)priorities.Length);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 0, consumer, Cancel);

        Delivery[] deliveries = await consumer.NextAsync(priorities.Length);
        Assert.Equal(["1", "3", "4", "2", "0", "5"], Texts(deliveries)); // 9 counts as 5 there
        Assert.Equal(priorities[1], deliveries[0].Message.Priority);
    }

    [Fact]
    public async Task A_queue_with_other_priorities_is_not_declared_again()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        string queue = await DeclareQueueAsync(channel);

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Classic, MaxPriority: 5), Cancel));

        Assert.Equal(AmqpReplyCodes.PreconditionFailed, refused.Code);
        Assert.Contains("x-max-priority", refused.Message, StringComparison.Ordinal);
    }
}
