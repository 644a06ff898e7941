using System.Threading.Channels;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task An_unroutable_message_comes_back_if_it_is_mandatory()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        Channel<ReturnedMessage> returned = Channel.CreateUnbounded<ReturnedMessage>();
        channel.Returned += message => returned.Writer.TryWrite(message);
        string nowhere = NewName();

        await channel.PublishAsync(ToQueue(nowhere) with { CorrelationId = new CorrelationId(1) }, Cancel);
        await channel.PublishAsync(ToQueue(queue, isMandatory: true) with { CorrelationId = new CorrelationId(2) }, Cancel);
        await channel.PublishAsync(ToQueue(nowhere, isMandatory: true) with { CorrelationId = new CorrelationId(3) }, Cancel);
        await channel.PublishAsync(ToQueue(nowhere, isMandatory: true) with { CorrelationId = new CorrelationId("four") }, Cancel);

        Assert.Equal(new ReturnedMessage("0000000000000003", nowhere, "312 NO_ROUTE"), await NextAsync());
        Assert.Equal(new ReturnedMessage("four", nowhere, "312 NO_ROUTE"), await NextAsync());

        Task<ReturnedMessage> NextAsync() => returned.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);
    }

    [Fact]
    public async Task A_missing_exchange_closes_the_channel_and_no_more()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportChannel sibling = await connection.OpenChannelAsync(Cancel);
        string exchange = NewName();

        await channel.PublishAsync(ToQueue("") with { Exchange = exchange }, Cancel);

        TransportClosure closure = await ClosureOfAsync(channel);
        Assert.Contains("404", closure.Reason, StringComparison.Ordinal);
        Assert.Contains(exchange, closure.Reason, StringComparison.Ordinal);
        await DeclareQueueAsync(sibling, QueueKind.Exclusive);
        Assert.False(connection.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_fanout_reaches_every_queue_once()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        await using ITransportChannel other = await OpenChannelAsync();
        string exchange = NewName();
        RecordingConsumer[] consumers = [new(), new()];
        foreach ((ITransportChannel its, RecordingConsumer consumer) in new[] { channel, other }.Zip(consumers))
        {
            string queue = await DeclareQueueAsync(its, QueueKind.Exclusive);
            await its.BindFanoutAsync(exchange, queue, Cancel);
            await its.BindFanoutAsync(exchange, queue, Cancel);
            await its.ConsumeAsync(queue, 0, consumer, Cancel);
        }

        await other.PublishAsync(ToQueue("ignored", "one") with { Exchange = exchange, IsMandatory = true }, Cancel);
        await other.PublishAsync(ToQueue("", "two") with { Exchange = exchange }, Cancel);

        foreach (RecordingConsumer consumer in consumers)
        {
            Assert.Equal(["one", "two"], Texts(await consumer.NextAsync(2)));
        }
    }

    [Fact]
    public async Task A_fanout_exchange_stays_without_queues()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportConnection leaving = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportChannel bound = await leaving.OpenChannelAsync(Cancel);
        string exchange = NewName();
        string queue = await DeclareQueueAsync(bound, QueueKind.Exclusive);
        await bound.BindFanoutAsync(exchange, queue, Cancel);

        await leaving.DisposeAsync();
        await UntilGoneAsync(connection, queue);
        await channel.PublishAsync(ToQueue("") with { Exchange = exchange }, Cancel);
        await channel.InspectExchangeAsync(exchange, Cancel);

        Assert.False(channel.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_fanout_of_a_missing_queue_is_refused()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = NewName();

        TransportRefusedException refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => channel.BindFanoutAsync(NewName(), queue, Cancel));

        Assert.Equal(AmqpReplyCodes.NotFound, refused.Code);
    }

    [Fact]
    public async Task A_direct_exchange_leads_to_the_queue_that_the_routing_key_names()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        string exchange = NewName();
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        string other = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        await channel.DeclareDirectAsync(exchange, Cancel);
        await channel.DeclareDirectAsync(exchange, Cancel);
        await channel.InspectExchangeAsync(exchange, Cancel);
        foreach (string bound in (string[])[queue, queue, other])
        {
            await channel.BindDirectAsync(exchange, bound, Cancel);
        }

        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync(queue, 0, consumer, Cancel);
        var returned = new TaskCompletionSource<ReturnedMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.Returned += message => returned.TrySetResult(message);

        await channel.PublishAsync(ToQueue(other, "to the other") with { Exchange = exchange, IsMandatory = true }, Cancel);
        await channel.PublishAsync(ToQueue(queue, "to this") with { Exchange = exchange, IsMandatory = true }, Cancel);
        await channel.PublishAsync(ToQueue(NewName(), "to none") with { Exchange = exchange, IsMandatory = true }, Cancel);

        Assert.Equal(["to this"], Texts(await consumer.NextAsync(1)));
        Assert.StartsWith("312", (await returned.Task.WaitAsync(Bounds.Soon, Cancel)).Reason, StringComparison.Ordinal);
        Assert.Equal(1U, (await channel.InspectQueueAsync(other, Cancel)).ReadyMessages);
    }

    [Fact]
    public async Task A_missing_exchange_is_refused_where_it_is_asked_for()
    {
        foreach (Func<ITransportChannel, Task> operation in (Func<ITransportChannel, Task>[])
            [channel => channel.InspectExchangeAsync(NewName(), Cancel), async channel => await channel.BindDirectAsync(NewName(), await DeclareQueueAsync(channel, QueueKind.Exclusive), Cancel)])
        {
            await using ITransportChannel channel = await OpenChannelAsync();

            Assert.Equal(AmqpReplyCodes.NotFound, (await Assert.ThrowsAsync<TransportRefusedException>(() => operation(channel))).Code);
        }
    }

    [Fact]
    public async Task An_exchange_of_another_type_is_refused()
    {
        await using ITransportChannel channel = await OpenChannelAsync();
        await using ITransportChannel other = await OpenChannelAsync();
        string exchange = NewName();
        await channel.BindFanoutAsync(exchange, await DeclareQueueAsync(channel, QueueKind.Exclusive), Cancel);

        TransportRefusedException refused = await Assert.ThrowsAsync<TransportRefusedException>(() => other.DeclareDirectAsync(exchange, Cancel));

        Assert.Equal(AmqpReplyCodes.PreconditionFailed, refused.Code);
    }
}
