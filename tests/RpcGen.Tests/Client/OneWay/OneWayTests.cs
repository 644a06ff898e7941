using RpcGen.Client;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.OneWay;

public sealed class OneWayTests : ClientFixture
{
    private static readonly TestMethod<RpcVoid> Send = new("Send") { OneWay = true };

    private static readonly TestMethod<RpcVoid> SendIdempotent = new("Send") { OneWay = true, Idempotent = true };

    private static readonly TestMethod<RpcVoid> Unconfirmed = new("Tell") { OneWay = true, Confirmed = false };

    private static readonly TestMethod<RpcVoid> Broadcast = new("Shout") { OneWay = true, Broadcast = true, Confirmed = false };

    private static readonly RpcCallOptions Second = new() { Timeout = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task A_request_waits_for_its_publisher_confirm()
    {
        var confirm = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        Connection.OnConfirm = (_, _) => confirm.Task;
        var reply = new RpcMetadata { ["old"] = "x" };
        Task sending = Run(new TestMethod<RpcVoid>("Send") { OneWay = true, Durable = true }, new RpcCallOptions { Priority = 3, Metadata = new RpcMetadata { ["a"] = "b" }, ReplyMetadata = reply });
        await Until(() => Connection.Publishers.Count == 1 && Connection.Publishers[0].All.Count == 1);
        Published sent = Connection.Publishers[0].All[0];

        Assert.Equal(("", "q", "Send", "application/json", "{\"n\":1}"), (sent.Message.Exchange, sent.RoutingKey, sent.Type, sent.Message.ContentType, sent.Body));
        Assert.True(sent.Message.IsMandatory);
        Assert.True(sent.Message.IsPersistent);
        Assert.Equal((3, 0L, Time.GetUtcNow().ToUnixTimeSeconds()), (sent.Message.Priority, sent.Message.Expiration, sent.Message.Timestamp));
        Assert.Equal("b", sent.Message.Headers!["a"]);
        Assert.Null(sent.Message.ReplyTo);
        Assert.Empty(reply);
        Assert.False(sending.IsCompleted);
        Assert.NotEqual(0UL, sent.Message.CorrelationId.Number);
        confirm.SetResult(new PublishOutcome(PublishResult.Confirmed));
        await Ends(sending);
    }

    [Fact]
    public async Task A_request_without_confirm_goes_out_on_the_channel_of_calls()
    {
        await Ends(Run(Unconfirmed));

        Assert.Equal("Tell", Channel.Single.Type);
        Assert.False(Channel.Single.Message.IsMandatory);
        Assert.Empty(Connection.Publishers);
    }

    [Fact]
    public async Task A_broadcast_goes_to_the_exchange_and_is_always_confirmed()
    {
        await Ends(Run(Broadcast));

        Published sent = Connection.Publishers[0].All[0];
        Assert.Equal(("q.broadcast", "", true), (sent.Message.Exchange, sent.RoutingKey, sent.Message.IsMandatory));
    }

    [Fact]
    public async Task A_bare_request_has_no_type()
    {
        await Ends(Caller(Send, bodyStyle: RpcBodyStyle.Bare).CallVoidAsync(Second, 1, Cancel).AsTask());

        Assert.Null(Connection.Publishers[0].All[0].Type);
    }

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
    public async Task A_refused_request_is_told_at_once()
    {
        Connection.OnConfirm = (_, _) => Task.FromResult(new PublishOutcome(PublishResult.Refused));

        var failure = await Fails<RpcUnavailableException>(Run(Send));
        Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.NotStarted), (failure.Reason, failure.Execution));
        Assert.Contains("queue 'q' on the broker did not take it", failure.Message, StringComparison.Ordinal);
        var broadcast = await Fails<RpcUnavailableException>(Run(Broadcast));
        Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.Unknown), (broadcast.Reason, broadcast.Execution));
        Assert.Contains("Others may have taken it", broadcast.Message, StringComparison.Ordinal);
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

    [Fact]
    public async Task Without_a_connection_the_request_waits_and_times_out_as_not_sent()
    {
        await LoseAsync("torn");
        Task sending = Run(Send, Second);
        await Task.Delay(5, Cancel);
        Time.Advance(TimeSpan.FromSeconds(1.1));

        var failure = await Fails<RpcTimeoutException>(sending);
        Assert.Equal(("Send", RpcExecution.NotStarted), (failure.Method, failure.Execution));
        Assert.NotNull(failure.CallId);
        Assert.Contains("within 1 s. The request was not sent. There is no connection: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_nobody_confirms_times_out_as_sent()
    {
        Connection.OnConfirm = (_, token) => new TaskCompletionSource<PublishOutcome>().Task.WaitAsync(token);
        Task sending = Run(Send, Second);
        await Until(() => Connection.Publishers.Count == 1 && Connection.Publishers[0].All.Count == 1);
        Time.Advance(TimeSpan.FromSeconds(1.1));

        var failure = await Fails<RpcTimeoutException>(sending);
        Assert.Equal(RpcExecution.Unknown, failure.Execution);
        Assert.EndsWith("The request was sent: it may have run and may still run.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blocked_connection_is_waited_for_by_every_kind()
    {
        Connection.Block("memory");
        Task confirmed = Run(Send);
        Task unconfirmed = Run(Unconfirmed);
        await Task.Delay(5, Cancel);
        Assert.Empty(Channel.All);
        Assert.Empty(Connection.Publishers);
        Connection.Block(null);

        await Ends(confirmed);
        await Ends(unconfirmed);
    }

    [Fact]
    public async Task The_caller_can_cancel()
    {
        Connection.Block("memory");
        using var source = new CancellationTokenSource();
        Task sending = Caller(Send).CallVoidAsync(RpcCallOptions.None, 1, source.Token).AsTask();
        await source.CancelAsync();
        Assert.Equal(source.Token, (await Fails<OperationCanceledException>(sending)).CancellationToken);

        await Fails<TaskCanceledException>(Caller(Send).CallVoidAsync(RpcCallOptions.None, 1, new CancellationToken(canceled: true)).AsTask());
    }

    [Fact]
    public async Task Failing_fast_sends_nothing_to_a_queue_without_consumers()
    {
        var failFast = new RpcCallOptions { FailFast = true };
        Assert.Equal(RpcUnavailableReason.NoQueue, (await Fails<RpcUnavailableException>(Run(Send, failFast))).Reason);
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 0);
        Time.Advance(TimeSpan.FromSeconds(2));
        var failure = await Fails<RpcUnavailableException>(Run(Send, failFast));
        Assert.Equal((RpcUnavailableReason.NoConsumer, RpcExecution.NotStarted), (failure.Reason, failure.Execution));
        Assert.Empty(Connection.Publishers);

        await Ends(Run(Broadcast, failFast)); // has no queue of its own
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 1);
        Time.Advance(TimeSpan.FromSeconds(2));
        await Ends(Run(Send, failFast));
    }

    [Fact]
    public async Task Disposal_ends_what_is_being_sent_and_accepts_no_more()
    {
        Connection.OnConfirm = (_, token) => new TaskCompletionSource<PublishOutcome>().Task.WaitAsync(token);
        Task sent = Run(Send);
        await Until(() => Connection.Publishers.Count == 1 && Connection.Publishers[0].All.Count == 1);
        Connection.Block("memory");
        Task unsent = Run(Send);
        Session.Close();

        Assert.Equal(RpcExecution.Unknown, (await Fails<RpcConnectionException>(sent)).Execution);
        var notStarted = await Fails<RpcConnectionException>(unsent);
        Assert.Equal((RpcExecution.NotStarted, "Send"), (notStarted.Execution, notStarted.Method));
        await Fails<ObjectDisposedException>(Run(Send));
    }

    [Fact]
    public async Task Handlers_can_send_until_the_session_is_disposed()
    {
        var handling = new RpcCallContext("Outer", null, 1, isRedelivered: false, Time, long.MaxValue);
        Session.Close();
        RpcCallContext.Current = handling;
        Task allowed = Run(Send);
        RpcCallContext.Current = null;
        await Ends(allowed);

        await Session.DisposeAsync();
        Assert.True(Connection.Publishers[0].IsDisposed);
        RpcCallContext.Current = handling;
        Task refused = Run(Send);
        RpcCallContext.Current = null;
        await Fails<ObjectDisposedException>(refused);
    }

    [Fact]
    public async Task A_request_of_a_handler_whose_time_is_up_is_not_sent()
    {
        RpcCallContext.Current = new RpcCallContext("Outer", null, 1, isRedelivered: false, Time, Time.GetTimestamp());
        Task sending = Run(Send);
        RpcCallContext.Current = null;

        var failure = await Fails<RpcTimeoutException>(sending);
        Assert.Equal(("Send", RpcExecution.NotStarted), (failure.Method, failure.Execution));
        Assert.NotNull(failure.CallId);
    }

    [Fact]
    public async Task Invalid_arguments_are_not_sent()
    {
        var failure = await Fails<RpcValidationException>(Run(new TestMethod<RpcVoid>("Send") { OneWay = true, Violation = "no." }));

        Assert.Equal(("Send", RpcExecution.NotStarted), (failure.Method, failure.Execution));
        Assert.NotNull(failure.CallId);
        Assert.Empty(Connection.Publishers);
    }

    [Fact]
    public void A_one_way_method_has_no_result() =>
        Assert.Throws<NotSupportedException>(() => { _ = Caller(Send).CallAsync(RpcCallOptions.None, 1, Cancel).AsTask(); });

    [Fact]
    public async Task Interceptors_see_one_way_calls()
    {
        var interceptor = new CountingInterceptor();
        await Ends(Caller(Send, new ClientSettings { Interceptors = [interceptor] }).CallVoidAsync(RpcCallOptions.None, 1, Cancel).AsTask());

        Assert.Equal(1, interceptor.Calls);
        Assert.Single(Connection.Publishers[0].All);
    }

    private static Task Ends(Task task) => task.WaitAsync(TimeSpan.FromSeconds(2), Cancel);

    private Task Run(TestMethod<RpcVoid> method, RpcCallOptions? options = null) => Caller(method).CallVoidAsync(options ?? RpcCallOptions.None, 1, CancellationToken.None).AsTask();

    private sealed class CountingInterceptor : IRpcClientInterceptor
    {
        public int Calls { get; private set; }

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct
        {
            Calls++;
            return next(call);
        }
    }
}
