using RpcGen.Client.Cancelling;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Cancelling;

public sealed class InstanceSenderTests : ClientFixture
{
    private InstanceSender _sender = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        First = Connection.Publishers.Count;
        _sender = new InstanceSender(Connections, Environment);
    }

    public override async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Cancellations_go_to_the_queues_exchange_on_one_channel()
    {
        _sender.Send(Cancelled(1));
        _sender.Send(Cancelled(2));
        await Until(() => Connection.Publishers.Count == First + 1 && Publisher(0).All.Count == 2);

        OutgoingMessage message = Publisher(0).All[0].Message;
        Assert.Equal(("q.cancel", "", 1UL, "rpc.cb.1", 500L), (message.Exchange, message.RoutingKey, message.CorrelationId.Number, message.ReplyTo, message.Expiration));
        Assert.Equal(0, message.Body.Length);
        Assert.False(message.IsMandatory);
    }

    [Theory]
    [InlineData(AmqpReplyCodes.AccessRefused)]
    [InlineData(AmqpReplyCodes.NotFound)]
    public async Task A_refused_exchange_is_left_alone_for_a_while_and_others_are_not_affected(ushort code)
    {
        _sender.Send(Cancelled(1));
        _sender.Send(Cancelled(2) with { Queue = "other" });
        await Until(() => Connection.Publishers.Count == First + 2 && Publisher(1).All.Count == 1);
        Publisher(0).Close(TransportClosure.ByBroker(code, "refused"));

        _sender.Send(Cancelled(3));
        _sender.Send(Cancelled(4) with { Queue = "other" });
        await Until(() => Publisher(1).All.Count == 2);
        Assert.Equal((First + 2, 1), (Connection.Publishers.Count, Publisher(0).All.Count));
        Time.Advance(InstanceSender.RefusalPause);
        _sender.Send(Cancelled(5));

        await Until(() => Connection.Publishers.Count == First + 3 && Publisher(2).All.Count == 1);
        Assert.Equal(5UL, Publisher(2).All.Single().Message.CorrelationId.Number);
    }

    [Fact]
    public async Task Beyond_the_bound_the_exchange_that_was_used_least_recently_gives_its_channel_up()
    {
        for (int queue = 0; queue < InstanceSender.MaxChannels; queue++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(1));
            _sender.Send(Cancelled(1) with { Queue = $"q{queue}" });
            await Until(() => Connection.Publishers.Count == First + queue + 1 && Publisher(queue).All.Count == 1);
        }

        Time.Advance(TimeSpan.FromMilliseconds(1));
        _sender.Send(Cancelled(2) with { Queue = "q0" }); // now q1 is the oldest
        await Until(() => Publisher(0).All.Count == 2);
        Time.Advance(TimeSpan.FromMilliseconds(1));
        _sender.Send(Cancelled(3) with { Queue = "one more" });

        await Until(() => Connection.Publishers.Count == First + InstanceSender.MaxChannels + 1 && Publisher(InstanceSender.MaxChannels).All.Count == 1);
        Assert.True(Publisher(1).IsDisposed);
        Assert.False(Publisher(0).IsDisposed || Publisher(2).IsDisposed);
    }

    [Fact]
    public async Task A_closed_channel_is_replaced()
    {
        _sender.Send(Cancelled(1));
        await Until(() => Connection.Publishers.Count == First + 1 && Publisher(0).All.Count == 1);
        FakePublisher first = Publisher(0);
        first.Close("404 no exchange");
        _sender.Send(Cancelled(2));

        await Until(() => Connection.Publishers.Count == First + 2 && Publisher(1).All.Count == 1);
        Assert.True(first.IsDisposed);
        Assert.Equal(2UL, Publisher(1).All.Single().Message.CorrelationId.Number);
    }

    [Fact]
    public async Task A_failure_does_not_keep_later_cancellations()
    {
        Connection.OnConfirm = (message, _) => message.CorrelationId.Number == 1 ? throw new InvalidOperationException("hostile") : Task.FromResult(new PublishOutcome(PublishResult.Confirmed));
        _sender.Send(Cancelled(1));
        _sender.Send(Cancelled(2));

        await Until(() => Connection.Publishers.Count == First + 1 && Publisher(0).All.Count == 2);
    }

    [Fact]
    public async Task Beyond_the_bound_the_oldest_are_dropped()
    {
        await LoseAsync();
        const ulong last = InstanceSender.Capacity + 3;
        for (ulong id = 1; id <= last; id++)
        {
            _sender.Send(Cancelled(id)); // the first one can be in hand already: it waits for a connection
        }

        await ReopenAsync();
        await Until(() => Sent().LastOrDefault() == last);

        ulong[] sent = Sent();
        Assert.InRange(sent.Length, InstanceSender.Capacity, InstanceSender.Capacity + 1);
        Assert.DoesNotContain(2UL, sent);
        Assert.DoesNotContain(3UL, sent);

        ulong[] Sent() => [.. Connection.Publishers.SelectMany(publisher => publisher.All).Select(message => message.Message.CorrelationId.Number)];
    }

    [Fact]
    public async Task Disposal_closes_the_channel_and_ends_the_wait()
    {
        _sender.Send(Cancelled(1));
        await Until(() => Connection.Publishers.Count == First + 1 && Publisher(0).All.Count == 1);
        FakePublisher channel = Publisher(0);
        await LoseAsync();
        _sender.Send(Cancelled(2));

        await _sender.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        Assert.True(channel.IsDisposed);
        _sender.Send(Cancelled(3)); // does nothing
        await new InstanceSender(Connections, Environment).DisposeAsync(); // never used
    }

    [Fact]
    public async Task A_message_waits_for_the_confirm_of_the_one_before()
    {
        var confirm = new TaskCompletionSource<PublishOutcome>();
        Connection.OnConfirm = (_, _) => confirm.Task;
        _sender.Send(Cancelled(1));
        _sender.Send(Cancelled(2));
        await Until(() => Connection.Publishers.Count == First + 1 && Publisher(0).All.Count == 1);

        confirm.SetException(new TransportRefusedException(AmqpReplyCodes.NotFound, "no exchange"));
        Publisher(0).Close(TransportClosure.ByBroker(AmqpReplyCodes.NotFound, "no exchange"));
        _sender.Send(Cancelled(3) with { Queue = "other" });

        await Until(() => Connection.Publishers.Count == First + 2 && Publisher(1).All.Count == 1);
        Assert.Single(Publisher(0).All); // the exchange is known as missing: the second is not sent
    }

    /// <summary>How many publishers the fixture has opened.</summary>
    private int First { get; set; }

    private FakePublisher Publisher(int number) => Connection.Publishers[First + number];

    private static InstanceMessage Cancelled(ulong id) => new("q", "rpc.cb.1", new CorrelationId(id), Expiration: 500);
}
