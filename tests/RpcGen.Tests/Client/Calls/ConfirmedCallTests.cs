using RpcGen.Client.Confirming;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Which requests are published with confirms, and what refusals and missing confirms mean for single calls.</summary>
public sealed class ConfirmedCallTests : LinkTest
{
    private const string NodeDown = "NOT_FOUND - home node 'rabbit@b' of durable queue 'q' in vhost '/' is down or inaccessible";

    private static readonly TimeSpan Overdue = TimeSpan.FromMilliseconds(300);

    private FakeConfirmedChannel Confirmed => Connection.Confirmed[^1];

    private ConfirmMode Mode => Session.Queues.ConfirmsOf("q").Mode;

    [Fact]
    public async Task Calls_are_confirmed_until_one_is_answered()
    {
        Task<int> first = Call(new TestMethod<int>());
        Task<int> second = Call(new TestMethod<int>());
        Assert.Equal(2UL, Confirmed.Published);

        Channel.Reply(Channel.All[0], "1");
        await Gets(first);

        _ = Call(new TestMethod<int>());
        Assert.Equal((2UL, 3), (Confirmed.Published, Channel.All.Length));
        Channel.Reply(Channel.All[1], "1");
        await Gets(second);
    }

    [Fact]
    public async Task Calls_are_confirmed_again_while_one_is_overdue()
    {
        await BecomePlainAsync();
        Task<int> overdue = Call(new TestMethod<int>());
        Time.Advance(Overdue);
        Assert.Equal((1UL, ConfirmMode.Plain), (Confirmed.Published, Mode));

        Task<int> doubtful = Call(new TestMethod<int>());

        Assert.Equal((2UL, ConfirmMode.Asking), (Confirmed.Published, Mode));
        Channel.Reply(Channel.All[^2], "1");
        await Gets(overdue); // says nothing about the confirmed one
        Assert.Equal(ConfirmMode.Asking, Mode);
        Channel.Reply(Channel.All[^1], "1");
        await Gets(doubtful);
        Assert.Equal(ConfirmMode.Plain, Mode);
        _ = Call(new TestMethod<int>());
        Assert.Equal(2UL, Confirmed.Published);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_ends_without_an_answer_makes_the_next_one_confirmed(bool byDeadline)
    {
        await BecomePlainAsync();
        using var source = new CancellationTokenSource();
        Task<int> call = CallCancellably(new TestMethod<int>(), new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(byDeadline ? 100 : 1000) }, source.Token);
        Time.Advance(TimeSpan.FromMilliseconds(byDeadline ? 110 : 260));
        await (byDeadline ? Task.CompletedTask : source.CancelAsync());
        await Assert.ThrowsAnyAsync<Exception>(() => call);

        _ = Call(new TestMethod<int>());

        Assert.Equal((2UL, ConfirmMode.Asking), (Confirmed.Published, Mode));
    }

    [Fact]
    public async Task Quick_answers_do_not_hide_a_call_that_is_overdue()
    {
        await BecomePlainAsync();
        _ = Call(new TestMethod<int>());
        for (int quick = 0; quick < 5; quick++)
        {
            Task<int> call = Call(new TestMethod<int>());
            Channel.Reply(Channel.All[^1], "1");
            await Gets(call);
            Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(2UL, Confirmed.Published); // the first call of all, and one that followed the overdue one
    }

    [Fact]
    public async Task Calls_to_a_quorum_queue_are_always_confirmed()
    {
        Task<int> first = Call(new TestMethod<int>());
        Channel.Reply(Channel.Single, "1", contentType: "application/json;confirm=1;batch=0");
        await Gets(first);

        _ = Call(new TestMethod<int>());

        Assert.Equal((2UL, ConfirmMode.Always), (Confirmed.Published, Mode));
    }

    [Fact]
    public async Task A_full_queue_fails_the_call_at_once()
    {
        Connection.ConfirmsAtOnce = false;
        Connection.Queues["q"] = new QueueState(ReadyMessages: 9, Consumers: 1);
        Task<int> call = Call(new TestMethod<int>(), Patient);

        Confirmed.Refuse(1);

        var failure = await Fails<RpcUnavailableException>(call);
        Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.NotStarted, "q", "Do"), (failure.Reason, failure.Execution, failure.Queue, failure.Method));
        Assert.Equal(Channel.Single.Id, failure.CallId);
        Assert.Contains("queue 'q' on the broker did not take it. It is full and refuses further messages (x-overflow=reject-publish). Start another server", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, Session.PendingCount);
    }

    [Fact]
    public async Task A_refusal_of_several_messages_fails_those_that_are_pending()
    {
        Connection.ConfirmsAtOnce = false;
        Connection.Queues["q"] = new QueueState(ReadyMessages: 9, Consumers: 1);
        Task<int>[] calls = [Call(new TestMethod<int>(), Patient), Call(new TestMethod<int>(), Patient), Call(new TestMethod<int>(), Patient)];
        Channel.Reply(Channel.All[0], "1"); // answered before its confirm
        await Gets(calls[0]);

        Confirmed.Refuse(2, multiple: true);

        await Fails<RpcUnavailableException>(calls[1]);
        Assert.Equal(1, await calls[0]);
        Channel.Reply(Channel.All[2], "1");
        Assert.Equal(1, await Gets(calls[2]));
    }

    [Fact]
    public async Task A_refused_call_that_was_sent_before_may_have_run()
    {
        Task<int> call = Call(Idempotent, Patient);
        await LoseAsync();
        await ReopenAsync(connection =>
        {
            connection.ConfirmsAtOnce = false;
            connection.Queues["q"] = new QueueState(1, 1);
        });
        await Until(() => Confirmed.Published == 1);

        Confirmed.Refuse(1);

        var failure = await Fails<RpcUnavailableException>(call);
        Assert.Equal((RpcUnavailableReason.QueueFull, RpcExecution.Unknown), (failure.Reason, failure.Execution));
    }

    [Fact]
    public async Task A_refusal_of_a_queue_that_has_failed_says_so()
    {
        Connection.ConfirmsAtOnce = false;
        Connection.MissingReason = NodeDown;
        Task<int> call = Call(new TestMethod<int>(), Patient);

        Confirmed.Refuse(1);

        var failure = await Fails<RpcUnavailableException>(call);
        Assert.Equal((RpcUnavailableReason.QueueUnreachable, RpcExecution.Unknown), (failure.Reason, failure.Execution));
        Assert.Contains("is on node 'rabbit@b', which is down or cannot be reached", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_queue_that_refuses_and_does_not_answer_is_not_called_full()
    {
        Connection.ConfirmsAtOnce = false;
        Connection.InspectionGate = new TaskCompletionSource().Task;
        Task<int> call = Call(new TestMethod<int>(), Patient);

        Confirmed.Refuse(1);
        await AdvanceUntil(() => call.IsCompleted, TimeSpan.FromSeconds(1));

        var failure = await Fails<RpcUnavailableException>(call);
        Assert.Equal((RpcUnavailableReason.QueueUnreachable, RpcExecution.Unknown), (failure.Reason, failure.Execution));
        Assert.Contains("queue 'q' on the broker does not answer: its node can be down, or hang. It may have run", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_returned_call_to_a_queue_whose_node_is_down_says_so()
    {
        Connection.MissingReason = NodeDown;
        Task<int> call = Call(new TestMethod<int>(), Patient);

        Confirmed.Return(Channel.Single);

        var failure = await Fails<RpcUnavailableException>(call);
        Assert.Equal((RpcUnavailableReason.QueueUnreachable, RpcExecution.NotStarted), (failure.Reason, failure.Execution));
        Assert.Contains("queue 'q' on the broker is on node 'rabbit@b', which is down or cannot be reached (312 NO_ROUTE). Bring the node back.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_fast_tells_a_node_that_is_down_from_a_missing_queue()
    {
        Connection.MissingReason = NodeDown;

        var failure = await Fails<RpcUnavailableException>(Call(new TestMethod<int>(), new RpcCallOptions { FailFast = true }));

        Assert.Equal(RpcUnavailableReason.QueueUnreachable, failure.Reason);
    }

    [Fact]
    public async Task A_call_that_was_answered_while_its_queue_was_inspected_has_its_result()
    {
        Connection.ConfirmsAtOnce = false;
        var gate = new TaskCompletionSource();
        Connection.InspectionGate = gate.Task;
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Confirmed.Refuse(1);
        await Until(() => Connection.Inspections == 1);
        Channel.Reply(Channel.Single, "7");

        Assert.Equal(7, await Gets(call));
        gate.SetResult();
    }

    [Theory]
    [InlineData(false, "The request was sent, but the broker has not confirmed it. It may have run and may still run.")]
    [InlineData(true, "The broker has the request, and the server did not answer in time: it may have run and may still run.")]
    public async Task A_timeout_says_whether_the_broker_has_the_request(bool isConfirmed, string says)
    {
        Connection.ConfirmsAtOnce = isConfirmed;
        Task<int> call = Call(new TestMethod<int>(), new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1) });
        Time.Advance(TimeSpan.FromSeconds(1.1));

        var failure = await Fails<RpcTimeoutException>(call);

        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
        Assert.Equal(RpcExecution.Unknown, failure.Execution);
    }

    [Fact]
    public async Task A_timeout_says_that_the_queue_has_refused_others()
    {
        await BecomePlainAsync();
        Task<int> unknown = Call(new TestMethod<int>(), new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1) });
        Time.Advance(Overdue);
        Connection.ConfirmsAtOnce = false;
        Connection.Queues["q"] = new QueueState(9, 1);
        Task<int> refused = Call(new TestMethod<int>(), Patient);
        Confirmed.Refuse(2);
        await Fails<RpcUnavailableException>(refused);
        Time.Advance(TimeSpan.FromSeconds(0.8));

        Assert.Contains("The queue has refused other requests meanwhile: it is full", (await Fails<RpcTimeoutException>(unknown)).Message, StringComparison.Ordinal);
    }

    /// <summary>Has a call answered: the queue takes messages.</summary>
    private async Task BecomePlainAsync()
    {
        Task<int> call = Call(new TestMethod<int>());
        Channel.Reply(Channel.Single, "1");
        await Gets(call);
        Assert.Equal(ConfirmMode.Plain, Mode);
    }
}
