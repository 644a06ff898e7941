using RpcGen.Client;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.OneWay;

/// <summary>The message of a one-way call, and calls that send none.</summary>
public sealed class OneWayRequestTests : OneWayTest
{
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
    public async Task A_request_of_a_handler_whose_time_is_up_is_not_sent()
    {
        RpcCallContext.Current = new RpcCallContext(Server.TestMethod.Create("Outer"), null, 1, isRedelivered: false, Time, Time.GetTimestamp());
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
