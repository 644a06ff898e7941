using System.Diagnostics;
using RpcGen.Client;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Client;

/// <summary>Interceptors, queue names, introspection and telemetry of the client.</summary>
public sealed class InvokerTests : ClientFixture
{
    [Fact]
    public async Task Interceptors_run_in_order_and_change_the_call()
    {
        var order = new List<string>();
        var outer = new Interceptor(call =>
        {
            order.Add("outer");
            Assert.Equal(("q", TimeSpan.FromSeconds(5), true, "a"), (call.Queue, call.Timeout, call.FailFast, call.Metadata["tenant"]));
            call.FailFast = false;
            call.Metadata["more"] = "b";
        });
        var inner = new Interceptor(call =>
        {
            order.Add("inner");
            call.Timeout = TimeSpan.FromSeconds(4);
            Time.Advance(TimeSpan.FromSeconds(1));
        });
        RpcCaller<int, int> caller = Caller(new TestMethod<int>(), new ClientSettings { Interceptors = [outer, inner] });
        var reply = new RpcMetadata();
        Task<int> call = caller.CallAsync(
            new RpcCallOptions { Timeout = TimeSpan.FromSeconds(5), FailFast = true, Metadata = new RpcMetadata { ["tenant"] = "a" }, Priority = 2, ReplyMetadata = reply }, 7, Cancel).AsTask();

        Assert.Equal(["outer", "inner"], order);
        Published request = Channel.Single;
        Assert.Equal(("{\"n\":7}", 3000L, 2), (request.Body, request.Message.Expiration, request.Message.Priority));
        Assert.Equal(["more", "tenant"], request.Message.Headers!.Keys.Order());
        Channel.Reply(request, "8", headers: new Dictionary<string, object?> { ["cost"] = "1" });
        Assert.Equal(8, await Gets(call));
        Assert.Equal("1", reply["cost"]);
    }

    [Fact]
    public async Task A_call_without_metadata_has_no_headers()
    {
        RpcCaller<int, RpcVoid> caller = Caller(new TestMethod<RpcVoid>(), new ClientSettings { Interceptors = [new Interceptor(_ => { })] });
        Task call = caller.CallVoidAsync(RpcCallOptions.None, 7, Cancel).AsTask();

        Assert.Null(Channel.Single.Message.Headers);
        Channel.Reply(Channel.Single, "");
        await call.WaitAsync(Bounds.Soon, Cancel);
    }

    [Fact]
    public async Task An_attempt_after_the_calls_time_is_not_made()
    {
        RpcCaller<int, int> caller = Caller(new TestMethod<int>(), new ClientSettings { Timeout = TimeSpan.FromSeconds(1), Interceptors = [new Interceptor(_ => Time.Advance(TimeSpan.FromSeconds(1)))] });

        var failure = await Fails<RpcTimeoutException>(caller.CallAsync(RpcCallOptions.None, 7, Cancel).AsTask());
        Assert.Equal(("Do", RpcExecution.Unknown), (failure.Method, failure.Execution)); // an earlier attempt may have run
        Assert.Empty(Channel.All);
    }

    [Fact]
    public void A_client_can_have_a_queue_of_its_own()
    {
        _ = Caller(new TestMethod<int>(), new ClientSettings { Queue = "other" }).CallAsync(RpcCallOptions.None, 7, Cancel).AsTask();

        Assert.Equal("other", Channel.Single.RoutingKey);
    }

    [Fact]
    public void A_broadcast_needs_room_for_the_name_of_its_exchange()
    {
        var settings = new ClientSettings { Queue = new string('q', 250) };
        Caller(new TestMethod<int>(), settings);

        Assert.Throws<ArgumentException>(() => Caller(new TestMethod<RpcVoid> { OneWay = true, Broadcast = true }, settings));
    }

    [Fact]
    public async Task A_ping_is_a_call_of_a_reserved_type()
    {
        var introspector = new Introspector(Session);
        Task<RpcPing> ping = introspector.PingAsync("any", Cancel);
        Published request = Channel.Single;
        Assert.Equal(("any", "$ping", byte.MaxValue, "application/json", "{}"), (request.RoutingKey, request.Type, request.Message.Priority, request.Message.ContentType, request.Body));
        Assert.Equal((long)RpcTimeouts.Default.TotalMilliseconds, request.Message.Expiration);
        Time.Advance(TimeSpan.FromMilliseconds(30));
        Channel.Reply(request, """{"type":"urn:rpcgen:fault:unsupported","detail":"no"}""", "fault");
        await Fails<RpcProtocolException>(ping);

        Task describe = introspector.DescribeAsync("any", Cancel);
        Assert.Equal("$describe", Channel.All[1].Type);
        await LoseAsync();
        Assert.False(describe.IsCompleted); // a question can be asked twice
        await ReopenAsync();
        await Until(() => Channel.All.Length == 1);
        Channel.Reply(Channel.Single, """{"type":"urn:rpcgen:fault:unsupported","detail":"no"}""", "fault");
        await Fails<RpcProtocolException>(describe);
    }

    [Fact]
    public async Task Spans_travel_with_requests_and_end_with_their_calls()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RpcGen",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        string method = $"Traced{Guid.NewGuid():N}";
        Connection.Host = new RpcGen.Transport.BrokerHost("node", 5672);
        Task<int> call = Call(new TestMethod<int>(method));
        string id = Channel.Single.Id!;
        string trace = (string)Channel.Single.Message.Headers!["traceparent"]!;
        Channel.Reply(Channel.Single, """{"type":"urn:rpcgen:fault:internal","detail":"broken"}""", "fault");
        await Fails<RpcRemoteException>(call);

        Activity span = OwnSpan(spans, method);
        Assert.Contains(span.SpanId.ToString(), trace, StringComparison.Ordinal);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal("internal", span.GetTagItem("rpc.status_code"));
        Assert.Equal(("q", "rabbitmq", id), (span.GetTagItem("server.address"), span.GetTagItem("messaging.system"), span.GetTagItem("messaging.message.conversation_id")));

        string oneWay = $"Sent{Guid.NewGuid():N}";
        await Caller(new TestMethod<RpcVoid>(oneWay) { OneWay = true }).CallVoidAsync(RpcCallOptions.None, 1, Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);
        Assert.Contains(OwnSpan(spans, oneWay).SpanId.ToString(), (string)Connection.Publishers[0].All[0].Message.Headers!["traceparent"]!, StringComparison.Ordinal);
        Assert.Equal(ActivityStatusCode.Unset, OwnSpan(spans, oneWay).Status);
        Assert.Equal(("q", "rabbitmq"), (OwnSpan(spans, oneWay).GetTagItem("server.address"), OwnSpan(spans, oneWay).GetTagItem("messaging.system")));

        string invalid = $"Invalid{Guid.NewGuid():N}";
        RpcCallOptions withHeaders = new() { Metadata = new RpcMetadata { ["a"] = "b" } };
        Task<int> second = Call(new TestMethod<int>(invalid), withHeaders);
        Assert.Equal(["a", "traceparent"], Channel.All[1].Message.Headers!.Keys.Order());
        Channel.Reply(Channel.All[1], "1");
        Assert.Equal(1, await Gets(second));
        Assert.Equal(ActivityStatusCode.Unset, OwnSpan(spans, invalid).Status);
    }

    private static Activity OwnSpan(List<Activity> spans, string method)
    {
        lock (spans)
        {
            return Assert.Single(spans, span => span.DisplayName == $"q/{method}");
        }
    }

    private sealed class Interceptor(Action<RpcClientCall> action) : IRpcClientInterceptor
    {
        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct
        {
            action(call);
            return next(call);
        }
    }
}
