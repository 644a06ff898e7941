using RpcGen.Protocol;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Running;

/// <summary>Every move of the table at <see cref="ServerCall"/>.</summary>
public sealed class ServerCallTests
{
    private readonly TestServer _server = new();
    private readonly TestMethod _method = TestMethod.Create("echo");

    [Fact]
    public void An_accepted_call_has_what_the_message_says()
    {
        ServerCall call = _server.Begin(TestServer.Request(expiration: "250", headers: new Dictionary<string, object?> { ["traceparent"] = "00-x" }));

        Assert.Equal((MessageKind.Call, "echo", 250L, "1", "00-x"), (call.Kind, call.Type, call.Budget, call.Id.ToString(), call.TraceParent));
        Assert.Equal("""{"text":"hi"}""", System.Text.Encoding.UTF8.GetString(call.Body.Span));
        Assert.False(call.IsBatched || call.HasStarted || call.IsAbandoned || call.IsCancelledByCaller || call.IsCancellationRequested || call.HasInvokedHandler);
        Assert.Equal(long.MaxValue, call.Deadline);
        Assert.Null(call.ReplyHeaders);
        Assert.Null(call.StartedAt);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("soon", null)]
    [InlineData("-1", null)]
    [InlineData("0", 0L)]
    public void A_budget_is_digits(string? expiration, long? budget) =>
        Assert.Equal(budget, _server.Begin(TestServer.Request(expiration: expiration)).Budget);

    [Fact]
    public void An_empty_type_is_no_type() => Assert.Null(_server.Begin(TestServer.Request(type: "")).Type);

    [Fact]
    public void A_batch_entry_has_its_own_trace_and_the_message_s_properties()
    {
        ServerCall batch = _server.Begin(TestServer.Request(headers: new Dictionary<string, object?> { ["traceparent"] = "of the message" }));
        var call = new ServerCall(new EarliestDeadline(_server.Time, _ => long.MaxValue));

        call.BeginEntry(batch.Delivery, new BatchEntry(new CorrelationId(7), "echo", 5, default, "of the entry", Headers: null));

        Assert.True(call.IsBatched);
        Assert.Equal(("of the entry", 7UL, 5L), (call.TraceParent, call.Id.Number, call.Budget));
        Assert.Same(batch.Delivery, call.Delivery);
    }

    [Theory]
    [InlineData(true, "of the entry")]
    [InlineData(false, "of the message")]
    public void A_batch_entry_has_its_own_headers_or_else_the_message_s(bool hasOwn, string expected)
    {
        ServerCall batch = _server.Begin(TestServer.Request(headers: new Dictionary<string, object?> { ["tenant"] = "of the message" }));
        var call = new ServerCall(new EarliestDeadline(_server.Time, _ => long.MaxValue));
        Dictionary<string, object?>? own = hasOwn ? new() { ["tenant"] = "of the entry" } : null;

        call.BeginEntry(batch.Delivery, new BatchEntry(new CorrelationId(7), "echo", 5, default, TraceParent: null, own));

        Assert.True(call.TryStart(_method, out _));
        Assert.Equal(expected, call.Context.Metadata["tenant"]);
    }

    [Fact]
    public void A_started_call_has_a_context_and_a_token()
    {
        var watched = new List<long>();
        ServerCall call = _server.Begin(TestServer.Request(isRedelivered: true));
        call.Deadline = _server.Time.GetTimestamp() + 1;

        Assert.True(call.TryStart(_method, out CancellationToken token));

        Assert.True(call.HasStarted);
        Assert.True(token.CanBeCanceled);
        Assert.Equal(_server.Time.GetTimestamp(), call.StartedAt);
        Assert.Same(RpcCallContext.Current, call.Context);
        Assert.True(call.Context.IsRedelivered);
        Assert.Same(_method, call.Context.Method);
        Assert.False(call.HasInvokedHandler);
        call.Context.IsHandlerInvoked = true;
        Assert.True(call.HasInvokedHandler);
    }

    [Fact]
    public void The_deadline_is_watched_from_the_start_on()
    {
        long due = 0;
        var deadlines = new EarliestDeadline(_server.Time, now => { due = now; return long.MaxValue; });
        var call = new ServerCall(deadlines);
        call.Begin(_server.Begin(TestServer.Request()).Delivery, TestServer.Request());
        call.Deadline = _server.Time.GetTimestamp() + (_server.Time.TimestampFrequency / 10);

        call.TryStart(_method, out CancellationToken _);
        _server.Time.Advance(TimeSpan.FromMilliseconds(150));

        Assert.NotEqual(0, due);
    }

    [Fact]
    public void A_method_without_token_gets_none()
    {
        ServerCall call = _server.Begin(TestServer.Request());

        Assert.True(call.TryStart(TestMethod.Create("m", json => new TestMethod(json, "m") { Cancellable = false }), out CancellationToken token));

        Assert.False(token.CanBeCanceled);
    }

    [Fact]
    public void Headers_user_and_priority_reach_the_context()
    {
        ServerCall plain = _server.Begin(TestServer.Request());
        plain.TryStart(_method, out CancellationToken _);
        Assert.Equal((null, (byte)0, 0, "1"), (plain.Context.BrokerUser, plain.Context.Priority, plain.Context.Metadata.Count, plain.Context.CallId));

        foreach (IncomingMessage message in new[]
        {
            new IncomingMessage { UserId = "ann", CorrelationId = "x" },
            new IncomingMessage { Priority = 4, CorrelationId = "x" },
            new IncomingMessage { Headers = new Dictionary<string, object?> { ["k"] = "v" }, CorrelationId = "x" },
        })
        {
            ServerCall call = _server.Begin(in message);
            call.TryStart(_method, out CancellationToken _);
            Assert.Equal((message.UserId, message.Priority, message.Headers?.Count ?? 0, "x"), (call.Context.BrokerUser, call.Context.Priority, call.Context.Metadata.Count, call.Context.CallId));
        }
    }

    [Fact]
    public void A_cancelled_call_does_not_start()
    {
        ServerCall call = _server.Begin(TestServer.Request());
        Assert.True(call.TryCancelByCaller("rpc.cb.me", new CorrelationId("1")));

        Assert.False(call.TryStart(_method, out CancellationToken _));
        Assert.False(call.HasStarted);
    }

    [Fact]
    public void An_abandoned_call_does_not_start()
    {
        ServerCall call = _server.Begin(TestServer.Request());
        call.Abandon();

        Assert.False(call.TryStart(_method, out CancellationToken _));
        Assert.True(call.IsAbandoned);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void A_late_call_does_not_start(int remaining, bool starts)
    {
        ServerCall call = _server.Begin(TestServer.Request());
        call.Deadline = _server.Time.GetTimestamp() + remaining;

        Assert.Equal(starts, call.TryStart(_method, out CancellationToken _));
    }

    [Fact]
    public void A_cancel_needs_the_reply_address_and_the_id()
    {
        ServerCall call = _server.Begin(TestServer.Request());

        Assert.False(call.TryCancelByCaller("rpc.cb.other", new CorrelationId("1")));
        Assert.False(call.TryCancelByCaller("rpc.cb.me", new CorrelationId("2")));
        Assert.False(call.IsCancelledByCaller);
        Assert.True(call.TryCancelByCaller("rpc.cb.me", new CorrelationId("1")));
        Assert.True(call.IsCancelledByCaller);
    }

    [Fact]
    public async Task A_cancel_fires_the_token_of_a_started_call()
    {
        ServerCall call = Start(out CancellationToken token);

        call.TryCancelByCaller("rpc.cb.me", new CorrelationId("1"));

        Assert.True(call.IsCancellationRequested);
        await TaskBounds.Until(() => token.IsCancellationRequested);
    }

    [Fact]
    public async Task Abandoning_fires_the_token_of_a_started_call()
    {
        ServerCall call = Start(out CancellationToken token);

        call.Abandon();

        Assert.True(call.IsCancellationRequested);
        await TaskBounds.Until(() => token.IsCancellationRequested);
    }

    [Fact]
    public void The_token_fires_at_the_deadline_and_not_before()
    {
        ServerCall call = _server.Begin(TestServer.Request());
        long deadline = _server.Time.GetTimestamp() + 10;
        call.Deadline = deadline;
        Assert.Equal(long.MaxValue, call.CancelIfLate(deadline)); // not started
        call.TryStart(_method, out CancellationToken _);

        Assert.Equal(deadline, call.CancelIfLate(deadline - 1));
        Assert.False(call.IsCancellationRequested);
        Assert.Equal(long.MaxValue, call.CancelIfLate(deadline));
        Assert.True(call.IsCancellationRequested);
        Assert.False(call.IsCancelledByCaller || call.IsAbandoned);
    }

    [Fact]
    public void A_call_without_deadline_is_never_late()
    {
        ServerCall call = Start(out CancellationToken _);

        Assert.Equal(long.MaxValue, call.CancelIfLate(long.MaxValue));
        Assert.False(call.IsCancellationRequested);
    }

    [Fact]
    public void After_reset_nothing_of_the_call_is_left()
    {
        ServerCall call = _server.Begin(TestServer.Request());
        call.Deadline = _server.Time.GetTimestamp() + 5;
        call.TryStart(_method, out CancellationToken _);
        RpcCallContext context = call.Context;
        call.TryCancelByCaller("rpc.cb.me", new CorrelationId("1"));
        call.Abandon();
        call.FaultCode = "x";
        call.Failure = new InvalidOperationException();
        call.IsOneWay = true;
        call.Reply.Write("reply"u8);
        var other = TestServer.Request(id: "2", type: "$ping");

        call.Reset();
        Assert.Null(RpcCallContext.Current);
        call.Begin(_server.Begin(in other).Delivery, in other);

        Assert.Equal((MessageKind.Ping, "2", long.MaxValue, 0), (call.Kind, call.Id.ToString(), call.Deadline, call.Reply.Length));
        Assert.False(call.HasStarted || call.IsAbandoned || call.IsCancelledByCaller || call.IsCancellationRequested || call.IsOneWay || call.IsBatched);
        Assert.Null(call.FaultCode);
        Assert.Null(call.Failure);
        Assert.Null(call.StartedAt);
        Assert.Null(call.Replies);
        GC.KeepAlive(context);
    }

    [Fact]
    public void A_batched_call_s_object_can_carry_a_whole_message_next()
    {
        ServerCall batch = _server.Begin(TestServer.Request());
        var call = new ServerCall(new EarliestDeadline(_server.Time, _ => long.MaxValue));
        call.BeginEntry(batch.Delivery, new BatchEntry(new CorrelationId(7), "echo", 5, default, "trace", Headers: null));
        call.Reset();

        call.Begin(batch.Delivery, TestServer.Request());

        Assert.False(call.IsBatched);
        Assert.Null(call.TraceParent);
    }

    private ServerCall Start(out CancellationToken token)
    {
        ServerCall call = _server.Begin(TestServer.Request());
        Assert.True(call.TryStart(_method, out token));
        return call;
    }
}
