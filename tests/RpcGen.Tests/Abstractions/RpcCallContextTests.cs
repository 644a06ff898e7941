using System.Security.Claims;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Abstractions;

/// <summary>What handlers and interceptors see of a call.</summary>
public sealed class RpcCallContextTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void An_id_is_a_text_else_a_number_else_missing()
    {
        Assert.Equal("text", Create(callId: "text", callNumber: 5).CallId);
        Assert.Equal("0000000000000005", Create(callNumber: 5).CallId);
        Assert.Null(Create().CallId);
        Assert.Equal("of details", Create(details: new RpcCallDetails { CallId = "of details" }, callNumber: 5).CallId);
        Assert.Equal("0000000000000005", Create(details: new RpcCallDetails(), callNumber: 5).CallId);
    }

    [Fact]
    public void Details_are_shown_and_missing_without()
    {
        RpcCallContext plain = Create();
        RpcCallContext detailed = Create(details: new RpcCallDetails
        {
            BrokerUser = "alice",
            Priority = 4,
            Headers = new Dictionary<string, object?> { ["tenant"] = "acme"u8.ToArray(), ["x-death"] = "reserved", ["number"] = 1, ["bytes"] = new byte[] { 0xff }, [""] = "nameless", ["text"] = "t" },
        });

        Assert.Equal((null, (byte)0, 0), (plain.BrokerUser, plain.Priority, plain.Metadata.Count));
        Assert.Equal(("alice", (byte)4), (detailed.BrokerUser, detailed.Priority));
        Assert.Equal([KeyValuePair.Create("tenant", "acme"), KeyValuePair.Create("text", "t")], detailed.Metadata);
        Assert.Same(detailed.Metadata, detailed.Metadata);
        Assert.Empty(new RpcCallDetails().Metadata);
    }

    [Fact]
    public void Metadata_of_the_reply_keeps_the_id()
    {
        RpcCallContext context = Create(callId: "text");
        Assert.Null(context.ReplyHeaders);

        context.ReplyMetadata["cost"] = "3";

        Assert.Equal("text", context.CallId);
        Assert.Same(context.ReplyMetadata, context.ReplyMetadata);
        Assert.Equal("3", context.ReplyHeaders!["cost"]);
    }

    [Fact]
    public void The_remaining_time_is_never_negative()
    {
        RpcCallContext context = Create(deadline: _time.GetTimestamp() + _time.TimestampFrequency);
        Assert.Equal(TimeSpan.FromSeconds(1), context.Remaining);
        _time.Advance(TimeSpan.FromSeconds(0.75));
        Assert.Equal(TimeSpan.FromSeconds(0.25), context.Remaining);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, context.Remaining);
        Assert.Equal(Timeout.InfiniteTimeSpan, Create().Remaining);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_token_fires_whether_it_is_asked_for_before_or_after()
    {
        RpcCallContext before = Create();
        var fired = new TaskCompletionSource();
        CancellationToken token = before.CancellationToken;
        token.Register(fired.SetResult);
        Assert.False(before.IsCancelled);
        before.Cancel();
        await fired.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(before.IsCancelled);
        Assert.Equal(token, before.CancellationToken);

        RpcCallContext after = Create();
        after.Cancel();
        Assert.True(after.CancellationToken.IsCancellationRequested);
    }

    [Fact]
    public void The_current_call_is_gone_when_it_has_ended()
    {
        RpcCallContext context = Create();
        RpcCallContext.Current = context;
        Assert.Same(context, RpcCallContext.Current);

        context.End();

        Assert.Null(RpcCallContext.Current);
        RpcCallContext.Current = null;
    }

    [Fact]
    public void A_clients_call_shows_what_is_left_of_its_time()
    {
        var binder = new CapturingBinder();
        binder.CreateClient();
        var call = new RpcClientCall<ValueTuple<string>>(binder.Methods[0], "q", _time, new("7")) { Timeout = TimeSpan.FromSeconds(2) };

        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(TimeSpan.FromSeconds(1.5), call.Remaining);
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(TimeSpan.Zero, call.Remaining);
        call.Timeout = Timeout.InfiniteTimeSpan;
        Assert.Equal(Timeout.InfiniteTimeSpan, call.Remaining);
        Assert.Equal(("q", "7", 1), (call.Queue, call.GetArguments()[0], call.GetArguments().Length));
    }

    [Fact]
    public void A_servers_call_has_the_contexts_token_until_it_is_given_another()
    {
        var binder = new CapturingBinder();
        binder.CreateClient();
        RpcCallContext context = Create();
        var call = new RpcServerCall<ValueTuple<string>>(binder.Methods[0], "q", context, new("7"));
        using var other = new CancellationTokenSource();

        Assert.Equal(context.CancellationToken, call.CancellationToken);
        call.CancellationToken = other.Token;
        Assert.Equal(other.Token, call.CancellationToken);
        Assert.Equal(("q", "7"), (call.Queue, call.GetArguments()[0]));
        Assert.Same(context, call.Context);
    }

    [Fact]
    public void A_caller_is_not_authenticated_until_somebody_says_so()
    {
        RpcCallContext context = Create(callId: "text");
        Assert.Empty(context.User.Claims);
        Assert.False(context.User.Identity!.IsAuthenticated || context.IsAuthenticated);
        Assert.Same(context.User, context.User);
        Assert.NotSame(Create().User, Create().User); // a principal can be changed: calls must not share one

        context.User = new ClaimsPrincipal([new ClaimsIdentity(), new ClaimsIdentity([new Claim(ClaimTypes.Name, "ann")], "token")]);

        Assert.True(context.IsAuthenticated);
        Assert.Equal("text", context.CallId);
        Assert.Throws<ArgumentNullException>(() => context.User = null!);
    }

    [Fact]
    public void A_caller_that_the_broker_knows_is_authenticated()
    {
        Assert.True(Create(details: new RpcCallDetails { BrokerUser = "ann" }).IsAuthenticated);
        Assert.False(Create(details: new RpcCallDetails()).IsAuthenticated);
        Assert.False(Create().IsAuthenticated);
    }

    [Fact]
    public void Items_belong_to_one_call()
    {
        RpcCallContext context = Create();

        context.Items["tenant"] = "acme";

        Assert.Equal("acme", context.Items["tenant"]);
        Assert.Empty(Create().Items);
    }

    private RpcCallContext Create(string? callId = null, ulong callNumber = 0, long deadline = long.MaxValue, RpcCallDetails? details = null) =>
        new(Server.TestMethod.Create("Do"), callId, callNumber, isRedelivered: false, _time, deadline, details);
}
