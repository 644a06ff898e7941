using RpcGen.Client;
using RpcGen.Client.Calls;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Exchanges that the broker does not let the user publish to, or that do not exist: each is probed before it is used.</summary>
public sealed class RefusedExchangeTests : LinkTest
{
    private static readonly ClientSettings OwnExchange = new() { Exchange = "x" };

    private protected override SessionSettings Settings { get; } = new("the broker", MaxMessageBytes: 15 << 20, Batching: true) { UserName = "ada" };

    [Fact]
    public async Task Calls_to_an_exchange_that_the_user_cannot_write_to_fail_at_once_and_are_not_sent()
    {
        Connection.OnProbe = _ => throw Denied("amq.default");

        RpcAccessDeniedException[] failures = [await Fails<RpcAccessDeniedException>(Call(Idempotent, Patient)), await Fails<RpcAccessDeniedException>(Call(new TestMethod<int>(), Patient))];

        Assert.All(failures, failure => Assert.Equal((true, RpcExecution.NotStarted, "Do", false), (failure.IsBrokerRefusal, failure.Execution, failure.Method, failure.IsTransient)));
        Assert.Contains("the broker does not let user 'ada' write to exchange 'amq.default' (ACCESS_REFUSED", failures[0].Message, StringComparison.Ordinal);
        Assert.Contains("rabbitmqctl set_permissions ada", failures[0].Message, StringComparison.Ordinal);
        Assert.Empty(Channel.All);
        Assert.Single(Connection.Probes); // a refusal counts for a second
    }

    [Fact]
    public async Task A_refused_exchange_is_probed_again_after_a_second()
    {
        Connection.OnProbe = _ => throw Denied("amq.default");
        await Fails<RpcAccessDeniedException>(Call(Idempotent, Patient));
        Connection.OnProbe = null;
        await Fails<RpcAccessDeniedException>(Call(Idempotent, Patient));
        Time.Advance(LinkExchanges.MaxRefusalAge);

        Task<int> call = Call(Idempotent, Patient);

        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
        Assert.Equal(2, Connection.Probes.Count);
        _ = Call(Idempotent, Patient);
        Assert.Equal(2, Connection.Probes.Count); // a right is remembered as long as the link lasts
    }

    [Fact]
    public async Task A_call_through_an_exchange_that_does_not_exist_has_no_queue()
    {
        Connection.OnProbe = exchange => exchange == "x" ? throw Missing() : Task.CompletedTask;

        var failure = await Fails<RpcUnavailableException>(CallOwn(new TestMethod<int>()));

        Assert.Equal((RpcUnavailableReason.NoQueue, RpcExecution.NotStarted, "q"), (failure.Reason, failure.Execution, failure.Queue));
        Assert.Contains("has no queue 'q' bound to exchange 'x' (NOT_FOUND", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_wait_for_the_probe_of_their_exchange_and_others_do_not()
    {
        var probe = new TaskCompletionSource();
        Connection.OnProbe = exchange => exchange == "x" ? probe.Task : Task.CompletedTask;
        Task<int> own = CallOwn(new TestMethod<int>());
        Task<int> ownToo = CallOwn(new TestMethod<int>());
        Task<int> other = Call(new TestMethod<int>(), Patient);
        Assert.Equal("", Channel.Single.Message.Exchange);
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(other));

        probe.SetResult();

        await Until(() => Channel.All.Length == 3);
        Assert.All(Channel.All[1..], request => Assert.Equal(("x", "q"), (request.Message.Exchange, request.RoutingKey)));
        Channel.Reply(Channel.All[1], "2");
        Channel.Reply(Channel.All[2], "2");
        Assert.Equal(4, await Gets(own) + await Gets(ownToo));
        Assert.Equal(["x", ""], Connection.Probes);
    }

    [Fact]
    public async Task A_probe_that_cannot_be_made_holds_up_no_call()
    {
        Connection.OnProbe = _ => throw new TransportClosedException(new TransportClosure("all channels are in use"), nothingSent: true);

        Task<int> call = Call(new TestMethod<int>(), Patient);

        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_message_before_a_refusal_was_certainly_not_taken(bool isStillAllowed)
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        await RefuseAsync("amq.default", connection => connection.OnProbe = _ => isStillAllowed ? Task.CompletedTask : throw Denied("amq.default"));

        if (isStillAllowed)
        {
            await Until(() => Channel.All.Length == 1);
            Channel.Reply(Channel.Single, "1");
            Assert.Equal(1, await Gets(call));
        }
        else
        {
            var failure = await Fails<RpcAccessDeniedException>(call);
            Assert.Equal((true, RpcExecution.NotStarted), (failure.IsBrokerRefusal, failure.Execution));
        }
    }

    [Fact]
    public async Task Messages_before_the_last_one_may_have_been_taken()
    {
        Task<int> first = Call(new TestMethod<int>(), Patient);
        Task<int> idempotent = Call(Idempotent, Patient);
        Task<int> last = CallOwn(new TestMethod<int>());

        await RefuseAsync("x", connection => connection.OnProbe = exchange => exchange == "x" ? throw Denied("x") : Task.CompletedTask);

        Assert.Equal(RpcExecution.Unknown, (await Fails<RpcConnectionException>(first)).Execution);
        Assert.Equal(RpcExecution.NotStarted, (await Fails<RpcAccessDeniedException>(last)).Execution);
        await Until(() => Channel.All.Length == 1);
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(idempotent));
    }

    [Fact]
    public async Task A_channel_that_was_closed_for_another_reason_says_nothing_about_its_last_message()
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);

        Channel.Close(TransportClosure.ByBroker(AmqpReplyCodes.NotFound, "NOT_FOUND - no queue 'q'"));

        Assert.Equal(RpcExecution.Unknown, (await Fails<RpcConnectionException>(call)).Execution);
    }

    [Fact]
    public async Task A_call_that_may_have_run_before_its_exchange_was_refused_says_so()
    {
        Task<int> first = Call(Idempotent, Patient);
        _ = Call(Idempotent, Patient);

        await RefuseAsync("amq.default", connection => connection.OnProbe = _ => throw Denied("amq.default"));

        var failure = await Fails<RpcAccessDeniedException>(first);
        Assert.Equal((true, RpcExecution.Unknown), (failure.IsBrokerRefusal, failure.Execution));
        Assert.Contains("may have run", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_that_no_probe_shows_ends_the_call_at_the_third_time()
    {
        Task<int> call = Call(Idempotent, Patient);
        for (int i = 0; i < 3; i++)
        {
            Assert.False(call.IsCompleted);
            await Until(() => Channel.All.Length == 1);
            await RefuseAsync("amq.default");
        }

        var failure = await Fails<RpcAccessDeniedException>(call);
        Assert.Equal((true, RpcExecution.NotStarted), (failure.IsBrokerRefusal, failure.Execution));
        Assert.Empty(Channel.All);
    }

    [Fact]
    public async Task A_call_that_is_sent_again_waits_for_an_exchange_that_was_deleted()
    {
        Task<int> call = CallOwn(Idempotent);
        Task<int> last = CallOwn(Idempotent);
        bool exists = false;
        await RefuseAsync("x", connection => connection.OnProbe = _ => exists ? Task.CompletedTask : throw Missing(), AmqpReplyCodes.NotFound);
        await AdvanceUntil(() => Connection.Probes.Count >= 2);
        Assert.False(call.IsCompleted);
        Assert.Equal(RpcExecution.NotStarted, (await Fails<RpcUnavailableException>(last)).Execution); // never sent, as far as the broker is concerned

        exists = true;

        await AdvanceUntil(() => Channel.All.Length == 1);
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task Calls_that_wait_fail_at_once_if_the_user_cannot_have_a_callback_queue()
    {
        await LoseAsync();
        Task<int> call = Call(Idempotent, Patient);
        Assert.False(call.IsCompleted);

        _ = ReopenAsync(connection => connection.DeclareFailure = new TransportRefusedException(AmqpReplyCodes.AccessRefused, "ACCESS_REFUSED - access to queue 'rpc.cb.1'"));

        var failure = await Fails<RpcAccessDeniedException>(call);
        Assert.Equal((true, RpcExecution.NotStarted), (failure.IsBrokerRefusal, failure.Execution));
        Assert.Contains("callback queue", failure.Message, StringComparison.Ordinal);
    }

    private static TransportRefusedException Denied(string exchange) =>
        new(AmqpReplyCodes.AccessRefused, $"ACCESS_REFUSED - access to exchange '{exchange}' in vhost '/' refused for user 'ada'");

    private static TransportRefusedException Missing() => new(AmqpReplyCodes.NotFound, "NOT_FOUND - no exchange 'x' in vhost '/'");

    private Task<int> CallOwn(TestMethod<int> method) => Caller(method, OwnExchange).CallAsync(Patient, 1, CancellationToken.None).AsTask();

    /// <summary>The broker refuses a message and closes the channel of calls; the next link opens on another connection.</summary>
    private async Task RefuseAsync(string exchange, Action<FakeConnection>? prepare = null, ushort code = AmqpReplyCodes.AccessRefused)
    {
        Channel.Close(TransportClosure.ByBroker(code, $"ACCESS_REFUSED - access to exchange '{exchange}' in vhost '/' refused for user 'ada'") with { IsPublishRefused = true });
        await Until(() => Session.Link is null && Session.UnavailableReason is not null);
        await LoseAsync();
        await ReopenAsync(prepare);
    }
}
