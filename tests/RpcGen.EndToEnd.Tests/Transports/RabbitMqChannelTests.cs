using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>One channel on a real broker, through the client library.</summary>
public sealed class RabbitMqChannelTests(SharedRabbit broker) : TransportTest
{
    private readonly string _queue = NewName("channel");

    [Fact]
    public async Task Properties_arrive_as_sent()
    {
        ITransportChannel channel = await OpenWithQueueAsync();
        var inbox = new Inbox();
        await channel.ConsumeAsync(_queue, prefetch: 0, inbox, Token);

        await channel.PublishAsync(
            new OutgoingMessage
            {
                Exchange = "",
                RoutingKey = _queue,
                ContentType = "application/json",
                Type = "Größe",
                CorrelationId = new CorrelationId(0x00ab),
                ReplyTo = "rpc.cb.x",
                Expiration = 123_456,
                Timestamp = 1_700_000_000,
                Headers = new Dictionary<string, object?> { ["traceparent"] = "00-01" },
                Body = "{}"u8.ToArray(),
            },
            Token);
        await channel.PublishAsync(new OutgoingMessage { Exchange = "", RoutingKey = _queue }, Token);

        IncomingMessage full = await inbox.NextAsync();
        Assert.Equal(
            ("application/json", null, "Größe", "00000000000000ab", "rpc.cb.x", "123456", 1_700_000_000),
            (full.ContentType, full.ContentEncoding, full.Type, full.CorrelationId, full.ReplyTo, full.Expiration, full.Timestamp));
        Assert.Equal("00-01"u8.ToArray(), Assert.IsType<byte[]>(full.Headers!["traceparent"]));
        Assert.Equal("{}"u8, full.Body.Span);
        IncomingMessage bare = await inbox.NextAsync();
        Assert.Equal(
            (null, null, null, null, null, null, 0, 0),
            (bare.ContentType, bare.Type, bare.CorrelationId, bare.ReplyTo, bare.Expiration, bare.Headers, bare.Timestamp, bare.Body.Length));
    }

    [Fact]
    public async Task A_publish_allocates_nothing()
    {
        ITransportChannel channel = await OpenWithQueueAsync();
        OutgoingMessage message = To(_queue) with { CorrelationId = new CorrelationId(7), ReplyTo = "rpc.cb.x", Expiration = 30_000 };
        long least = long.MaxValue;
        long end = Environment.TickCount64 + (long)Soon.TotalMilliseconds;

        // Code that is not optimized yet allocates, and on a busy machine it takes longer until it is.
        while (least > 0 && Environment.TickCount64 < end)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            ValueTask publishing = channel.PublishAsync(in message, CancellationToken.None);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            least = Math.Min(least, publishing.IsCompletedSuccessfully ? allocated : long.MaxValue);
            await publishing;
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public async Task The_library_can_trace()
    {
        using var listener = new System.Diagnostics.ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("RabbitMQ.Client", StringComparison.Ordinal),
            Sample = (ref System.Diagnostics.ActivityCreationOptions<System.Diagnostics.ActivityContext> _) =>
                System.Diagnostics.ActivitySamplingResult.AllDataAndRecorded,
        };
        System.Diagnostics.ActivitySource.AddActivityListener(listener);
        ITransportChannel channel = await OpenWithQueueAsync();
        var inbox = new Inbox();
        await channel.ConsumeAsync(_queue, prefetch: 0, inbox, Token);
        var headers = new Dictionary<string, object?> { ["tenant"] = "blue" };

        await channel.PublishAsync(
            To(_queue) with { CorrelationId = new CorrelationId(1), ReplyTo = "rpc.cb.x", Expiration = 9_000, Timestamp = 3, Headers = headers },
            Token);

        IncomingMessage message = await inbox.NextAsync();
        Assert.Equal(
            ("test", "0000000000000001", "rpc.cb.x", "9000", 3),
            (message.Type, message.CorrelationId, message.ReplyTo, message.Expiration, message.Timestamp));
        Assert.Equal(["tenant", "traceparent"], message.Headers!.Keys.Order());
        Assert.Single(headers);
    }

    [Fact]
    public async Task Headers_larger_than_a_frame_are_refused_before_sending()
    {
        ITransportChannel channel = await OpenWithQueueAsync();
        OutgoingMessage message = To(_queue) with { Headers = new Dictionary<string, object?> { ["much"] = new string('x', 140_000) } };

        await Assert.ThrowsAsync<ArgumentException>(() => channel.PublishAsync(in message, Token).AsTask());

        Assert.Equal(0u, (await channel.InspectQueueAsync(_queue, Token)).ReadyMessages);
    }

    [Fact]
    public async Task An_unroutable_message_is_returned()
    {
        ITransportChannel channel = await OpenAsync(broker.Url);
        var returned = new TaskCompletionSource<ReturnedMessage>();
        channel.Returned += returned.SetResult;

        await channel.PublishAsync(To("nobody") with { IsMandatory = true, CorrelationId = new CorrelationId(5) }, Token);

        Assert.Equal(new ReturnedMessage("0000000000000005", "nobody", "312 NO_ROUTE"), await returned.Task.WaitAsync(Soon, Token));
    }

    [Fact]
    public async Task A_refused_operation_names_code_and_text_and_ends_the_channel()
    {
        ITransportConnection connection = await ConnectAsync(broker.Url);
        ITransportChannel owner = await connection.OpenChannelAsync(Token);
        string exclusive = NewName("exclusive");
        await owner.DeclareQueueAsync(new QueueDeclaration(_queue, QueueKind.Classic), Token);
        await owner.DeclareQueueAsync(new QueueDeclaration(exclusive, QueueKind.Exclusive), Token);
        ITransportChannel missing = await connection.OpenChannelAsync(Token);
        ITransportChannel conflicting = await connection.OpenChannelAsync(Token);
        ITransportChannel foreign = await OpenAsync(broker.Url);

        var notFound = await Assert.ThrowsAsync<TransportRefusedException>(() => missing.InspectQueueAsync("missing", Token));
        var conflict = await Assert.ThrowsAsync<TransportRefusedException>(
            () => conflicting.DeclareQueueAsync(new QueueDeclaration(_queue, QueueKind.Transient), Token));
        var locked = await Assert.ThrowsAsync<TransportRefusedException>(() => foreign.ConsumeAsync(exclusive, 1, new Inbox(), Token));

        Assert.Equal("NOT_FOUND - no queue 'missing' in vhost '/'", notFound.Message);
        Assert.Equal(
            (AmqpReplyCodes.NotFound, AmqpReplyCodes.PreconditionFailed, AmqpReplyCodes.ResourceLocked),
            (notFound.Code, conflict.Code, locked.Code));
        Assert.StartsWith("404 NOT_FOUND", (await missing.Closed.WaitAsync(Soon, Token)).Reason, StringComparison.Ordinal);
        Assert.False(connection.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_publish_that_closes_the_channel_is_not_mistaken_for_another_refusal()
    {
        ITransportChannel channel = await OpenWithQueueAsync();

        await channel.PublishAsync(To(_queue) with { Exchange = "no-such-exchange" }, Token);
        await Assert.ThrowsAsync<TransportClosedException>(() => channel.InspectQueueAsync(_queue, Token));

        TransportClosure closure = await channel.Closed.WaitAsync(Soon, Token);
        Assert.StartsWith("404 NOT_FOUND - no exchange 'no-such-exchange'", closure.Reason, StringComparison.Ordinal);
        foreach (Func<Task> act in new Func<Task>[]
        {
            () => channel.PublishAsync(To(_queue), Token).AsTask(),
            () => channel.AckAsync(1, false, Token).AsTask(),
            () => channel.RequeueAsync(1, Token).AsTask(),
        })
        {
            var closed = await Assert.ThrowsAsync<TransportClosedException>(act);
            Assert.Equal((closure.Reason, true), (closed.Message, closed.NothingSent));
        }

        Assert.Equal(closure.Reason, (await Assert.ThrowsAsync<TransportClosedException>(() => channel.InspectQueueAsync(_queue, Token))).Message);
    }

    [Fact]
    public async Task Nothing_is_delivered_after_a_cancel()
    {
        ITransportChannel channel = await OpenWithQueueAsync();
        for (int i = 0; i < 200; i++)
        {
            await channel.PublishAsync(To(_queue), Token);
        }

        // The first delivery blocks the library's thread until the cancel is under way. The test is about the deliveries behind it.
        using var gate = new ManualResetEventSlim();
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var inbox = new Inbox
        {
            OnMessage = _ =>
            {
                arrived.TrySetResult();
                gate.Wait(Token);
            },
        };
        string tag = await channel.ConsumeAsync(_queue, prefetch: 100, inbox, Token);
        await arrived.Task.WaitAsync(Soon, Token);
        Task cancelling = channel.CancelConsumerAsync(tag, Token);
        await channel.InspectQueueAsync(_queue, Token); // its answer comes behind that to the cancel
        Assert.NotSame(cancelling, await Task.WhenAny(cancelling, Task.Delay(100, Token)));
        gate.Set();
        await cancelling.WaitAsync(Soon, Token);

        int delivered = inbox.Count;
        await Task.Delay(100, Token);
        Assert.Equal((100, 100), (delivered, inbox.Count));
        Assert.Equal(100u, (await channel.InspectQueueAsync(_queue, Token)).ReadyMessages);
        await channel.DisposeAsync();
        Assert.Equal(200u, (await (await OpenAsync(broker.Url)).InspectQueueAsync(_queue, Token)).ReadyMessages);
    }

    [Fact]
    public async Task A_deleted_queue_ends_only_its_consumer()
    {
        ITransportChannel channel = await OpenWithQueueAsync();
        var inbox = new Inbox();
        string tag = await channel.ConsumeAsync(_queue, prefetch: 1, inbox, Token);

        await DeleteAsync();

        await inbox.CancelledByBroker.Task.WaitAsync(Soon, Token);
        await channel.CancelConsumerAsync(tag, Token);
        await channel.DeclareQueueAsync(new QueueDeclaration(_queue, QueueKind.Classic), Token);
    }

    [Fact]
    public async Task Disposal_happens_once_and_is_reported()
    {
        ITransportChannel channel = await OpenWithQueueAsync();
        await channel.ConsumeAsync(_queue, prefetch: 1, new Inbox(), Token);

        await Task.WhenAll(channel.DisposeAsync().AsTask(), channel.DisposeAsync().AsTask());
        await channel.DisposeAsync();

        Assert.True(channel.Closed.IsCompletedSuccessfully);
        Assert.Equal("closed by this process", (await channel.Closed).Reason);
        Assert.True((await Assert.ThrowsAsync<TransportClosedException>(() => channel.PublishAsync(To(_queue), Token).AsTask())).NothingSent);
    }

    [Fact]
    public async Task A_fanout_reaches_every_bound_queue_and_stays_without_queues()
    {
        string exchange = NewName("fanout");
        ITransportConnection connection = await ConnectAsync(broker.Url);
        ITransportChannel channel = await connection.OpenChannelAsync(Token);
        Inbox[] inboxes = [new(), new()];
        foreach (Inbox inbox in inboxes)
        {
            string queue = NewName("fanout");
            await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), Token);
            await channel.BindFanoutAsync(exchange, queue, Token);
            await channel.ConsumeAsync(queue, prefetch: 0, inbox, Token);
        }

        await channel.PublishAsync(To("") with { Exchange = exchange, Type = "cancel" }, Token);

        Assert.Equal("cancel", (await inboxes[0].NextAsync()).Type);
        Assert.Equal("cancel", (await inboxes[1].NextAsync()).Type);
        await connection.DisposeAsync();
        ITransportChannel later = await OpenAsync(broker.Url);
        await later.PublishAsync(To("") with { Exchange = exchange }, Token);
        await later.InspectExchangeAsync(exchange, Token);
        Assert.False(later.Closed.IsCompleted);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await DeleteAsync();
    }

    private async Task<ITransportChannel> OpenWithQueueAsync()
    {
        ITransportChannel channel = await OpenAsync(broker.Url);
        await channel.DeclareQueueAsync(new QueueDeclaration(_queue, QueueKind.Classic), Token);
        return channel;
    }

    private Task DeleteAsync() => broker.DeleteQueueAsync(_queue);
}
