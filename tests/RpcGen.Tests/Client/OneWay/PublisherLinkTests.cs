using RpcGen.Client.OneWay;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Server;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.OneWay;

/// <summary>What can be said of messages that were in flight when the channel was closed.</summary>
public sealed class PublisherLinkTests
{
    private readonly FakeConnection _connection = new();
    private readonly Queue<TaskCompletionSource<PublishOutcome>> _confirms = new();
    private readonly FakePublisher _publisher;
    private readonly PublisherLink _link;

    public PublisherLinkTests()
    {
        _connection.OnConfirm = (_, _) => _confirms.Dequeue().Task;
        _publisher = new FakePublisher(_connection);
        _link = new PublisherLink(_publisher, userName: null);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_publisher_confirm_is_the_outcome()
    {
        Task<PublishOutcome> publishing = Publish(out TaskCompletionSource<PublishOutcome> confirm);
        confirm.SetResult(new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE"));

        Assert.Equal(new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE"), await publishing);
        Assert.False(_link.IsClosed);
    }

    [Fact]
    public async Task If_nothing_was_ever_confirmed_a_missing_exchange_reached_nobody()
    {
        Task<PublishOutcome> first = Publish(out TaskCompletionSource<PublishOutcome> one);
        Task<PublishOutcome> second = Publish(out TaskCompletionSource<PublishOutcome> two);
        one.SetException(NotFound());
        two.SetException(NotFound());

        Assert.Equal("no exchange", (await Assert.ThrowsAsync<ExchangeMissingException>(() => first)).Message);
        await Assert.ThrowsAsync<ExchangeMissingException>(() => second);
    }

    [Fact]
    public async Task If_something_was_confirmed_only_the_last_message_certainly_reached_nobody()
    {
        await ConfirmOneAsync();
        Task<PublishOutcome> first = Publish(out TaskCompletionSource<PublishOutcome> one);
        Task<PublishOutcome> last = Publish(out TaskCompletionSource<PublishOutcome> two);
        one.SetException(NotFound());
        two.SetException(NotFound());

        await Assert.ThrowsAsync<TransportRefusedException>(() => first);
        await Assert.ThrowsAsync<ExchangeMissingException>(() => last);
    }

    [Fact]
    public async Task Any_other_refusal_stays_one()
    {
        Task<PublishOutcome> publishing = Publish(out TaskCompletionSource<PublishOutcome> confirm);
        confirm.SetException(new TransportRefusedException(AmqpReplyCodes.PreconditionFailed, "too large"));

        await Assert.ThrowsAsync<TransportRefusedException>(() => publishing);
    }

    [Fact]
    public async Task A_close_during_the_publish_tells_of_a_missing_exchange_too()
    {
        Task<PublishOutcome> publishing = Publish(out TaskCompletionSource<PublishOutcome> confirm);
        confirm.SetException(Closed("404 NOT_FOUND - no exchange", nothingSent: false));

        await Assert.ThrowsAsync<ExchangeMissingException>(() => publishing);
    }

    [Theory]
    [InlineData("404 NOT_FOUND - no queue")]
    [InlineData("403 ACCESS_REFUSED")]
    public async Task A_close_because_of_something_else_tells_nothing_of_the_message(string reason)
    {
        Task<PublishOutcome> publishing = Publish(out TaskCompletionSource<PublishOutcome> confirm);
        confirm.SetException(Closed(reason, nothingSent: false, isPublishRefused: false));

        await Assert.ThrowsAsync<TransportClosedException>(() => publishing);
    }

    [Theory]
    [InlineData("320 CONNECTION_FORCED", false)]
    [InlineData("404 NOT_FOUND - no exchange", true)]
    public async Task Any_other_close_stays_one(string reason, bool isAfterConfirm)
    {
        if (isAfterConfirm)
        {
            await ConfirmOneAsync();
        }

        Task<PublishOutcome> publishing = Publish(out TaskCompletionSource<PublishOutcome> confirm);
        _ = Publish(out _);
        confirm.SetException(Closed(reason, nothingSent: false));

        await Assert.ThrowsAsync<TransportClosedException>(() => publishing);
    }

    [Fact]
    public async Task A_message_that_was_not_sent_fails_once_the_channel_is_known_as_closed()
    {
        Task<PublishOutcome> publishing = Publish(out TaskCompletionSource<PublishOutcome> confirm);
        confirm.SetException(Closed("404 NOT_FOUND", nothingSent: true));
        await Task.Delay(5, Cancel);
        Assert.False(publishing.IsCompleted);
        _publisher.Close("404 NOT_FOUND");

        Assert.True((await Assert.ThrowsAsync<TransportClosedException>(() => publishing.WaitAsync(Bounds.Soon, Cancel))).NothingSent);
        Assert.True(_link.IsClosed);
    }

    [Fact]
    public async Task Broadcasts_wait_for_each_other_so_that_none_follows_the_close_of_the_channel()
    {
        await using var link = new PublisherLink(_publisher, userName: null, TurnTaking.Always);
        Task<PublishOutcome> first = Publish(link, out TaskCompletionSource<PublishOutcome> confirm);
        Task<PublishOutcome> second = Publish(link, out TaskCompletionSource<PublishOutcome> refusal);
        Task<PublishOutcome> third = Publish(link, out _);
        Assert.Single(_publisher.All);

        confirm.SetResult(new PublishOutcome(PublishResult.Confirmed));
        await first;
        await TaskBounds.Until(() => _publisher.All.Count == 2);
        refusal.SetException(NotFound());

        await Assert.ThrowsAsync<ExchangeMissingException>(() => second);
        await Assert.ThrowsAsync<ExchangeMissingException>(() => third);
        Assert.Equal(2, _publisher.All.Count); // the third was not published
    }

    [Fact]
    public async Task A_denied_message_is_followed_by_none()
    {
        await using var link = new PublisherLink(_publisher, userName: null, TurnTaking.Always);
        Task<PublishOutcome> first = Publish(link, out TaskCompletionSource<PublishOutcome> refusal);
        Task<PublishOutcome> second = Publish(link, out _);
        refusal.SetException(new TransportRefusedException(AmqpReplyCodes.AccessRefused, "no"));

        await Assert.ThrowsAsync<PublishDeniedException>(() => first);
        Assert.True((await Assert.ThrowsAsync<PublishDeniedException>(() => second)).ReachedNobody);
        Assert.Single(_publisher.All);
    }

    [Fact]
    public async Task Messages_to_a_services_own_exchange_wait_until_one_is_confirmed()
    {
        await using var link = new PublisherLink(_publisher, userName: null, TurnTaking.UntilConfirmed);
        Task<PublishOutcome> first = Publish(link, out TaskCompletionSource<PublishOutcome> confirm);
        Task<PublishOutcome> second = Publish(link, out _);
        Task<PublishOutcome> third = Publish(link, out _);
        Assert.Single(_publisher.All);

        confirm.SetResult(new PublishOutcome(PublishResult.Confirmed));
        await first;

        await TaskBounds.Until(() => _publisher.All.Count == 2);
        _ = Publish(link, out _);
        await TaskBounds.Until(() => _publisher.All.Count == 3);
        Assert.False(second.IsCompleted || third.IsCompleted);
    }

    [Fact]
    public async Task Disposal_closes_the_channel()
    {
        await _link.DisposeAsync();

        Assert.True(_publisher.IsDisposed);
    }

    private static TransportRefusedException NotFound() => new(AmqpReplyCodes.NotFound, "no exchange");

    private static TransportClosedException Closed(string reason, bool nothingSent, bool isPublishRefused = true) =>
        new(TransportClosure.ByBroker(ushort.Parse(reason[..3], System.Globalization.CultureInfo.InvariantCulture), reason[4..]) with { IsPublishRefused = isPublishRefused }, nothingSent);

    private async Task ConfirmOneAsync()
    {
        Task<PublishOutcome> publishing = Publish(out TaskCompletionSource<PublishOutcome> confirm);
        confirm.SetResult(new PublishOutcome(PublishResult.Confirmed));
        await publishing;
    }

    private Task<PublishOutcome> Publish(out TaskCompletionSource<PublishOutcome> confirm) => Publish(_link, out confirm);

    private Task<PublishOutcome> Publish(PublisherLink link, out TaskCompletionSource<PublishOutcome> confirm)
    {
        confirm = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        _confirms.Enqueue(confirm);
        return link.PublishAsync(new OutgoingMessage { Exchange = "e", RoutingKey = "" }, Cancel);
    }
}
