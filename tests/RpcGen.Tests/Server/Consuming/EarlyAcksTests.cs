using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>At-most-once calls on a broker that does not mark each redelivery run once the broker has their acknowledgements.</summary>
public sealed class EarlyAcksTests : ServeLinkTest
{
    private const string RoundTrip = "inspect exchange amq.direct";

    private int _runs;
    private int _trips;

    [Fact]
    public async Task The_call_runs_after_the_broker_has_answered()
    {
        var answer = new TaskCompletionSource();
        await ServeAsync(roundTrips: [answer]);

        Server.Deliver(TestServer.Request());

        await TaskBounds.Until(() => _trips == 1);
        Assert.Equal(("ack 1", 0), (Channel.Events[^1], _runs));
        answer.SetResult();
        await Channel.NextReplyAsync();
        Assert.Equal(1, _runs);
        Assert.Equal(["ack 1", RoundTrip, "publish 1"], Channel.Events.TakeLast(3)); // and no second acknowledgement
    }

    [Fact]
    public async Task Calls_that_come_meanwhile_share_the_next_round_trip()
    {
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        await ServeAsync(roundTrips: [first, second]);
        Server.Deliver(TestServer.Request());
        await TaskBounds.Until(() => _trips == 1);

        Server.Deliver(TestServer.Request(id: "2", tag: 2));
        Server.Deliver(TestServer.Request(id: "3", tag: 3));
        await TaskBounds.Until(() => Server.Link.Load == (3, 0));
        Assert.Equal(1, _trips);
        first.SetResult();

        Assert.Equal("1", (await Channel.NextReplyAsync()).Id);
        await TaskBounds.Until(() => _trips == 2);
        Assert.Equal(1, _runs);
        second.SetResult();
        await Channel.NextReplyAsync();
        await Channel.NextReplyAsync();
        Assert.Equal(3, _runs);
        Assert.Equal(2, _trips);
    }

    [Fact]
    public async Task A_call_does_not_run_if_the_channel_closes_before_the_answer()
    {
        var answer = new TaskCompletionSource();
        await ServeAsync(roundTrips: [answer]);
        Server.Deliver(TestServer.Request());
        await TaskBounds.Until(() => _trips == 1);

        answer.SetException(new TransportClosedException(new TransportClosure("gone"), nothingSent: false));

        await TaskBounds.Until(() => Server.Link.Load == (0, 0));
        Assert.Equal((0, 0), (_runs, Channel.PendingReplies));
    }

    [Fact]
    public async Task Acknowledgements_of_other_calls_do_not_include_it()
    {
        var (answer, sent) = (new TaskCompletionSource(), new TaskCompletionSource());
        await ServeAsync(roundTrips: [answer], ack: sent.Task);
        Server.Deliver(TestServer.Request());
        await TaskBounds.Until(() => Server.Link.Load == (1, 0));

        Server.Deliver(TestServer.Request(type: "$ping", id: "2", tag: 2));
        Assert.Equal("2", (await Channel.NextReplyAsync()).Id);
        sent.SetResult();
        answer.SetResult();
        Assert.Equal("1", (await Channel.NextReplyAsync()).Id);

        await Server.Link.DrainAsync().Soon();
        Assert.Equal(["ack 1", "ack 2"], Channel.Events.Where(text => text.StartsWith("ack", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task The_calls_of_a_batch_share_one_acknowledgement()
    {
        await ServeAsync(roundTrips: []);

        Server.Deliver(TestServer.Request(type: "$batch", id: "b", body: """[["0000000000000001","echo",1000,{"text":"a"}],["0000000000000002","echo",1000,{"text":"b"}]]"""));

        await TaskBounds.Until(() => Server.Link.Load == (0, 0));
        Assert.Equal(2, _runs);
        Assert.Single(Channel.Events, text => text.StartsWith("ack", StringComparison.Ordinal));
    }

    /// <summary>Serves an at-most-once method.</summary>
    private async Task ServeAsync(TaskCompletionSource[] roundTrips, Task? ack = null)
    {
        var next = new Queue<Task>(roundTrips.Select(answer => answer.Task));
        Server.MarksEachRedelivery = false;
        Server.Serve(
            (text, _) =>
            {
                Interlocked.Increment(ref _runs);
                return new(text);
            },
            method: json => new TestMethod(json, "echo") { AtMostOnce = true });
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();
        Channel.Before = what =>
        {
            if (what == RoundTrip)
            {
                Interlocked.Increment(ref _trips);
                return next.TryDequeue(out Task? answer) ? answer : Task.CompletedTask;
            }

            return what == "ack 1" && ack is not null ? ack : Task.CompletedTask;
        };
    }
}
