using RpcGen.Client;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>How requests look, and every reply that ends a call.</summary>
public sealed class RequestAndReplyTests : ClientFixture
{
    [Fact]
    public async Task A_request_carries_everything_that_a_server_needs()
    {
        var method = new TestMethod<int>("Add");
        Task<int> call = Call(method, new RpcCallOptions { Timeout = TimeSpan.FromSeconds(3), Priority = 4, Metadata = new RpcMetadata { ["tenant"] = "a" } }, argument: 7);

        Published request = Channel.Single;
        OutgoingMessage message = request.Message;
        Assert.Equal("{\"n\":7}", request.Body);
        Assert.Equal(("", "q", "Add", "application/json"), (message.Exchange, message.RoutingKey, message.Type, message.ContentType));
        Assert.True(message.IsMandatory);
        Assert.False(message.IsPersistent);
        Assert.Equal((4, 3000L, Time.GetUtcNow().ToUnixTimeSeconds()), (message.Priority, message.Expiration, message.Timestamp));
        Assert.StartsWith("rpc.cb.", message.ReplyTo, StringComparison.Ordinal);
        Assert.Equal(message.ReplyTo, Channel.Declared!.Name);
        Assert.Equal(QueueKind.Exclusive, Channel.Declared.Kind);
        Assert.Equal(0, Channel.Prefetch);
        Assert.Equal("a", Assert.Single(message.Headers!).Value);
        Assert.Null(message.UserId);
        Assert.NotEqual(0UL, message.CorrelationId.Number);

        Channel.Reply(request, "8");
        Assert.Equal(8, await Gets(call));
        Assert.Equal(0, Session.PendingCount);
    }

    [Fact]
    public async Task A_durable_or_bare_request_says_so()
    {
        Task<int> durable = Call(new TestMethod<int> { Durable = true, OwnPriority = 2 });
        Task<int> bare = Caller(new TestMethod<int>(), bodyStyle: RpcBodyStyle.Bare).CallAsync(RpcCallOptions.None, 1, Cancel).AsTask();

        Assert.True(Channel.All[0].Message.IsPersistent);
        Assert.Equal(2, Channel.All[0].Message.Priority);
        Assert.Null(Channel.All[1].Type);
        Channel.Reply(Channel.All[1], "2");
        Channel.Reply(Channel.All[0], "1");
        Assert.Equal((1, 2), (await Gets(durable), await Gets(bare)));
    }

    [Fact]
    public async Task A_method_without_result_ignores_the_body()
    {
        Task call = Caller(new TestMethod<RpcVoid>()).CallVoidAsync(RpcCallOptions.None, 1, Cancel).AsTask();
        Channel.Reply(Channel.Single, "anything");

        await call.WaitAsync(Bounds.Soon, Cancel);
    }

    [Fact]
    public async Task A_call_without_a_deadline_expires_as_late_as_AMQP_allows()
    {
        Task<int> call = Call(new TestMethod<int>(), new RpcCallOptions { Timeout = Timeout.InfiniteTimeSpan });

        Assert.Equal((long)RpcTimeouts.Longest.TotalMilliseconds, Channel.Single.Message.Expiration);
        Time.Advance(TimeSpan.FromDays(1));
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task Replies_reach_their_own_calls_in_any_order()
    {
        Task<int>[] calls = [.. Enumerable.Range(0, 200).Select(i => Call(new TestMethod<int>(), argument: i))];
        Assert.Equal(200, Session.PendingCount);
        Assert.Equal((200, 0), ((RpcGen.Diagnostics.ICallLoad)Session).CountCalls());
        foreach (Published request in Channel.All.Reverse())
        {
            Channel.Reply(request, request.Body[5..^1]);
        }

        Assert.Equal(Enumerable.Range(0, 200), await Gets(Task.WhenAll(calls)));
    }

    [Fact]
    public async Task A_second_reply_changes_nothing()
    {
        Task<int> first = Call(new TestMethod<int>());
        Published request = Channel.Single;
        Channel.Reply(request, "1");
        Channel.Reply(request, "2");
        Assert.Equal(1, await Gets(first));

        Task<int> second = Call(new TestMethod<int>()); // the same object
        Channel.Reply(request, "3");
        Assert.False(second.IsCompleted);
        Channel.Reply(Channel.All[1], "4");
        Assert.Equal(4, await Gets(second));
    }

    [Fact]
    public async Task A_call_that_cannot_start_is_used_again_though_its_time_was_up()
    {
        Task<int> first = Call(new TestMethod<int>(), new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1) }); // leaves a timer behind
        Published request = Channel.Single;
        Channel.Reply(request, "1");
        await Gets(first);
        var failing = new TestMethod<int>
        {
            Writes = _ =>
            {
                Time.Advance(TimeSpan.FromSeconds(2));
                throw new InvalidOperationException("no form in JSON");
            },
        };

        await Fails<RpcProtocolException>(Call(failing, new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(100) }));

        _ = Call(new TestMethod<int>());
        Assert.Equal(SlotOf(request), SlotOf(Channel.All[^1]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("unknown")]
    [InlineData("0123456789abcdef")]
    public void A_reply_to_no_call_is_dropped(string? id)
    {
        Channel.Reply(id, "1");
        Channel.Return(new Published(new OutgoingMessage { Exchange = "", RoutingKey = "q", CorrelationId = new CorrelationId(id) }, ""));
    }

    [Fact]
    public async Task The_replys_metadata_reaches_the_caller()
    {
        var metadata = new RpcMetadata { ["old"] = "x" };
        Task<int> call = Call(new TestMethod<int>(), new RpcCallOptions { ReplyMetadata = metadata });
        Assert.Empty(metadata);
        Channel.Reply(Channel.Single, "1", headers: new Dictionary<string, object?> { ["cost"] = "3" });

        await Gets(call);
        Assert.Equal("3", metadata["cost"]);
    }

    [Fact]
    public async Task A_fault_becomes_its_exception()
    {
        Task<int> call = Call(new TestMethod<int>());
        Channel.Reply(Channel.Single, """{"type":"urn:rpcgen:fault:internal","detail":"broken"}""", type: "fault", contentType: "application/problem+json");

        var fault = await Fails<RpcRemoteException>(call);
        Assert.Equal(("internal", "broken", "Do", Channel.Single.Id), (fault.Code, fault.Message, fault.Method, fault.CallId));
    }

    [Theory]
    [InlineData("\"text\"", null, "application/json", null, "cannot be read")]
    [InlineData("", null, "application/json", null, "the body is empty")]
    [InlineData("1", null, "image/png", null, "image/png")]
    [InlineData("1", null, "application/json", "gzip", "gzip")]
    [InlineData("1", "strange", "application/json", null, "strange")]
    public async Task A_reply_that_cannot_be_read_fails_its_call(string body, string? type, string contentType, string? encoding, string says)
    {
        Task<int> call = Call(new TestMethod<int>());
        Channel.Reply(Channel.Single, body, type, contentType, encoding);

        var failure = await Fails<RpcProtocolException>(call);
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
        Assert.Equal(("Do", Channel.Single.Id, RpcExecution.Started), (failure.Method, failure.CallId, failure.Execution));
        Assert.Equal(0, Session.PendingCount);
    }

    [Fact]
    public async Task A_reply_with_unreadable_headers_fails_its_call()
    {
        Task<int> call = Call(new TestMethod<int>());
        Channel.ReplyUnreadable(Channel.Single, "1");

        var failure = await Fails<RpcProtocolException>(call);
        Assert.Contains("unreadable headers", failure.Message, StringComparison.Ordinal);
        Assert.Equal(RpcExecution.Started, failure.Execution);
        Assert.Equal(0, Session.PendingCount);
    }

    [Fact]
    public async Task Hostile_metadata_fails_its_call_alone()
    {
        Task<int> call = Call(new TestMethod<int>(), new RpcCallOptions { ReplyMetadata = [] });
        Channel.Reply(Channel.Single, "1", headers: new ThrowingHeaders());

        Assert.Equal(RpcExecution.Started, (await Fails<RpcProtocolException>(call)).Execution);
    }

    [Fact]
    public async Task A_returned_request_fails_its_call()
    {
        Task<int> call = Call(new TestMethod<int>());
        Channel.Return(Channel.Single);

        var failure = await Fails<RpcUnavailableException>(call);
        Assert.Equal(("Do", Channel.Single.Id, "q", RpcUnavailableReason.NoQueue, RpcExecution.NotStarted), (failure.Method, failure.CallId, failure.Queue, failure.Reason, failure.Execution));
        Assert.Contains("the broker has no queue 'q' (312 NO_ROUTE)", failure.Message, StringComparison.Ordinal);
        Channel.Return(Channel.Single); // late
        Assert.Single(Channel.All);
    }

    [Fact]
    public async Task Objects_are_used_again()
    {
        for (int i = 0; i < 10; i++)
        {
            Task<int> call = Call(new TestMethod<int>());
            Channel.Reply(Channel.All[i], "1");
            await Gets(call);
        }

        Assert.Same(Session.GetPool<int>(), Session.GetPool<int>());
        Assert.Equal(10, Channel.All.Select(request => request.Id).Distinct().Count());
    }

    private sealed class ThrowingHeaders : Dictionary<string, object?>, IDictionary<string, object?>
    {
        IEnumerator<KeyValuePair<string, object?>> IEnumerable<KeyValuePair<string, object?>>.GetEnumerator() => throw new InvalidOperationException("hostile");
    }

    /// <summary>The slot of the object that a call used: the session's cipher is the first to draw random bits.</summary>
    private static ulong SlotOf(Published request) =>
        new CallIdCipher(new CountingRandom()).Decrypt(request.Message.CorrelationId.Number) & (SlotTable<PendingMessage>.MaxSlots - 1);
}

/// <summary>With a limit and a user.</summary>
public sealed class LimitedCallTests : ClientFixture
{
    private protected override SessionSettings Settings { get; } = new("the broker", MaxMessageBytes: 8, Batching: true, SendsUser: true);

    [Fact]
    public async Task Bodies_up_to_the_limit_are_sent_and_read()
    {
        Task<string> exact = Call(new TestMethod<string>(), argument: 11);
        Assert.Equal(("{\"n\":11}", "ada"), (Channel.Single.Body, Channel.Single.Message.UserId));
        Channel.Reply(Channel.Single, "\"123456\"");
        Assert.Equal("123456", await Gets(exact));

        var tooLarge = await Fails<RpcProtocolException>(Call(new TestMethod<string>(), argument: 111));
        Assert.Equal(("Do", RpcExecution.NotStarted), (tooLarge.Method, tooLarge.Execution));
        Assert.NotNull(tooLarge.CallId);
        Assert.Contains("9 bytes", tooLarge.Message, StringComparison.Ordinal);
        Assert.Single(Channel.All);

        Task<string> call = Call(new TestMethod<string>());
        Channel.Reply(Channel.All[1], "\"1234567\"");
        var failure = await Fails<RpcProtocolException>(call);
        Assert.Equal(RpcExecution.Started, failure.Execution);
        Assert.Contains("9 bytes", failure.Message, StringComparison.Ordinal);
    }
}
