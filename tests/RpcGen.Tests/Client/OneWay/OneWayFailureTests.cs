using RpcGen.Client.Calls;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.OneWay;

/// <summary>One-way calls that are returned, refused or lost.</summary>
public sealed class OneWayFailureTests : OneWayTest
{
    [Fact]
    public async Task A_returned_request_is_told_at_once()
    {
        Connection.OnConfirm = (_, _) => Task.FromResult(new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE"));

        var failure = await Fails<RpcUnavailableException>(Run(Send));
        Assert.Equal((RpcUnavailableReason.NoQueue, RpcExecution.NotStarted, "q", "Send", Connection.Publishers[0].All[0].Id), (failure.Reason, failure.Execution, failure.Queue, failure.Method, failure.CallId));
        Assert.Contains("has no queue 'q' (312 NO_ROUTE)", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no instance serves queue 'q'", (await Fails<RpcUnavailableException>(Run(Broadcast))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_whose_node_is_down_is_told_from_a_missing_one()
    {
        Connection.OnConfirm = (_, _) => Task.FromResult(new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE"));
        Connection.MissingReason = "NOT_FOUND - home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible";

        var failure = await Fails<RpcUnavailableException>(Run(Send));

        Assert.Equal((RpcUnavailableReason.QueueUnreachable, RpcExecution.NotStarted), (failure.Reason, failure.Execution));
        Assert.Contains("queue 'q' on the broker is on node 'rabbit@b', which is down or cannot be reached (312 NO_ROUTE)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_request_is_told_at_once()
    {
        Connection.OnConfirm = (_, _) => Task.FromResult(new PublishOutcome(PublishResult.Refused));

        var failure = await Fails<RpcUnavailableException>(Run(Send));
        Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.Unknown), (failure.Reason, failure.Execution)); // a queue that failed refuses, too
        Assert.Contains("queue 'q' on the broker did not take it", failure.Message, StringComparison.Ordinal);
        var broadcast = await Fails<RpcUnavailableException>(Run(Broadcast));
        Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.Unknown), (broadcast.Reason, broadcast.Execution));
        Assert.Contains("Others may have taken it", broadcast.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_is_refused_because_the_queues_node_is_down_says_so()
    {
        Connection.OnConfirm = (_, _) => Task.FromResult(new PublishOutcome(PublishResult.Refused));
        Connection.MissingReason = "NOT_FOUND - home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible";

        var failure = await Fails<RpcUnavailableException>(Run(Send));

        Assert.Equal((RpcUnavailableReason.QueueUnreachable, RpcExecution.Unknown), (failure.Reason, failure.Execution));
        Assert.Contains("(basic.nack): queue 'q' on the broker is on node 'rabbit@b', which is down or cannot be reached. Bring the node back.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_exchange_is_told_at_once()
    {
        Connection.OnConfirm = (_, _) => Task.FromException<PublishOutcome>(new TransportRefusedException(AmqpReplyCodes.NotFound, "no exchange"));

        var failure = await Fails<RpcUnavailableException>(Run(Broadcast));
        Assert.Equal((RpcUnavailableReason.NoQueue, RpcExecution.NotStarted), (failure.Reason, failure.Execution));
        Assert.Contains("no exchange", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_AMQP_cannot_express_was_not_sent()
    {
        Connection.OnConfirm = (_, _) => throw new ArgumentException("the headers are too large");

        var failure = await Fails<RpcProtocolException>(Run(Send));
        Assert.Equal(("Send", RpcExecution.NotStarted), (failure.Method, failure.Execution));
        Assert.NotNull(failure.CallId);
    }

    [Fact]
    public async Task A_lost_request_has_an_unknown_outcome()
    {
        Connection.OnConfirm = (_, _) => Task.FromException<PublishOutcome>(new TransportClosedException(new TransportClosure("torn"), nothingSent: false));

        var failure = await Fails<RpcConnectionException>(Run(Send));
        Assert.Equal(("Send", Connection.Publishers[0].All[0].Id, RpcExecution.Unknown), (failure.Method, failure.CallId, failure.Execution));
        Assert.Contains("torn", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publish_that_ends_by_itself_is_a_loss(bool isRefusal)
    {
        Connection.OnConfirm = (_, _) => Task.FromException<PublishOutcome>(isRefusal ? new TransportRefusedException(AmqpReplyCodes.PreconditionFailed, "no") : new OperationCanceledException("no"));

        await Fails<RpcConnectionException>(Run(Send));
    }

    [Fact]
    public async Task A_lost_idempotent_request_is_sent_again_after_a_pause_and_waits_for_its_queue()
    {
        int attempts = 0;
        Connection.OnConfirm = (_, _) => ++attempts switch
        {
            1 => Task.FromException<PublishOutcome>(new TransportClosedException(new TransportClosure("torn"), nothingSent: false)),
            2 => Task.FromResult(new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE")),
            3 => Task.FromException<PublishOutcome>(new TransportRefusedException(AmqpReplyCodes.NotFound, "no exchange")),
            _ => Task.FromResult(new PublishOutcome(PublishResult.Confirmed)),
        };
        Task sending = Run(SendIdempotent, new RpcCallOptions { Timeout = TimeSpan.FromHours(1) });
        for (int attempt = 1; attempt < 4; attempt++)
        {
            await Until(() => attempts == attempt);
            DateTimeOffset before = Time.GetUtcNow();
            await AdvanceUntil(() => attempts > attempt);
            Assert.True(Time.GetUtcNow() - before >= CallSender.ResendPause);
        }

        await Ends(sending);
        Assert.Single(Connection.Publishers.SelectMany(publisher => publisher.All).Select(message => message.Id).Distinct());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_attempt_after_a_lost_one_does_not_deny_that_the_lost_one_ran(bool isRefusal)
    {
        int attempts = 0;
        Connection.OnConfirm = (_, _) => ++attempts switch
        {
            1 => Task.FromException<PublishOutcome>(new TransportClosedException(new TransportClosure("torn"), nothingSent: false)),
            _ => isRefusal ? Task.FromResult(new PublishOutcome(PublishResult.Refused)) : throw new ArgumentException("the headers are too large"),
        };
        Task sending = Run(SendIdempotent, new RpcCallOptions { Timeout = TimeSpan.FromHours(1) });
        await AdvanceUntil(() => sending.IsCompleted);

        var failure = await Assert.ThrowsAnyAsync<RpcException>(() => sending);
        Assert.Equal((2, RpcExecution.Unknown), (attempts, failure.Execution));
    }

    [Fact]
    public async Task An_attempt_that_sent_nothing_does_not_count()
    {
        int attempts = 0;
        Connection.OnConfirm = (_, _) =>
        {
            if (++attempts == 1)
            {
                Connection.Publishers[0].Close("closing");
                return Task.FromException<PublishOutcome>(new TransportClosedException(new TransportClosure("closing"), nothingSent: true));
            }

            return Task.FromResult(new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE"));
        };
        Task sending = Run(Send, new RpcCallOptions { Timeout = TimeSpan.FromHours(1) });
        await AdvanceUntil(() => attempts == 2);

        await Fails<RpcUnavailableException>(sending);
    }
}
