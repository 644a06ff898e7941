using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>How a link stops: its consumers, its grace period, and the calls that it gives up.</summary>
public sealed class LinkDrainTests : ServeLinkTest
{
    [Fact]
    public async Task Draining_stops_the_consumers_and_waits_for_what_runs()
    {
        await ServeHeldAsync();

        Task draining = Server.Link.DrainAsync();

        await TaskBounds.Until(() => Channel.Events.Contains("cancel tag2"));
        Assert.False(draining.IsCompleted);
        Release.SetResult();
        await draining.Soon();
        Assert.Equal(["publish 1", "ack 1"], Channel.Events.TakeLast(2));
        Assert.Equal([54], Server.Log.Ids);
    }

    [Fact]
    public async Task After_the_grace_period_what_runs_is_given_up()
    {
        await ServeHeldAsync();
        Task draining = Server.Link.DrainAsync();
        await TaskBounds.Until(() => Channel.Events.Contains("cancel tag2"));

        await AdvanceUntilAsync(draining, TimeSpan.FromSeconds(30));

        Assert.Equal([54, 45], Server.Log.Ids);
        Assert.Contains("1 call", Server.Log.Text(45), StringComparison.Ordinal);
        await TaskBounds.Until(() => HandlerToken.IsCancellationRequested);
        Release.SetResult();
        Assert.DoesNotContain("publish 1", Channel.Events);
    }

    [Fact]
    public async Task Before_the_grace_period_is_over_nothing_is_given_up()
    {
        await ServeHeldAsync();
        Task draining = Server.Link.DrainAsync();
        await TaskBounds.Until(() => Channel.Events.Contains("cancel tag2"));

        await Task.Delay(20, Cancel); // the drain sets its timer
        Server.Time.Advance(TimeSpan.FromSeconds(29));

        Assert.False(draining.IsCompleted || HandlerToken.IsCancellationRequested);
        Release.SetResult();
        await draining.Soon();
        Assert.Equal([54], Server.Log.Ids);
    }

    [Fact]
    public async Task The_grace_period_can_be_ended_early()
    {
        await ServeHeldAsync();
        Task draining = Server.Link.DrainAsync();

        Server.Drains.EndGracePeriod();

        await draining.Soon();
        Assert.Equal([54, 45], Server.Log.Ids);
    }

    [Fact]
    public async Task A_closed_channel_is_not_waited_for()
    {
        await ServeHeldAsync();
        Task draining = Server.Link.DrainAsync();

        Channel.Close();

        await draining.Soon();
    }

    [Fact]
    public async Task Callers_of_at_most_once_calls_are_told_that_they_were_interrupted()
    {
        await ServeHeldAsync(atMostOnce: true);
        Server.Drains.EndGracePeriod();

        await Server.Link.DrainAsync().Soon();

        SentMessage reply = await Channel.NextReplyAsync();
        Assert.Equal(("rpc.cb.me", "1", "fault", "application/problem+json"), (reply.RoutingKey, reply.Id, reply.Type, reply.ContentType));
        Assert.Contains("urn:rpcgen:fault:interrupted", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_acknowledgements_of_at_most_once_calls_are_sent_before_the_channel_is_closed()
    {
        var sent = new TaskCompletionSource();
        Channel.Before = what => what.StartsWith("ack", StringComparison.Ordinal) ? sent.Task : Task.CompletedTask;
        await ServeHeldAsync(atMostOnce: true);
        Server.Drains.EndGracePeriod();

        Task draining = Server.Link.DrainAsync();

        await Channel.NextReplyAsync();
        Release.SetResult();
        await TaskBounds.Until(() => Server.Link.Load == (0, 0));
        Assert.False(draining.IsCompleted);
        sent.SetResult();
        await draining.Soon();
        Assert.Contains("ack 1", Channel.Events);
    }

    [Fact]
    public async Task A_broker_that_takes_no_acknowledgement_is_waited_for_three_seconds()
    {
        Channel.Before = what => what.StartsWith("ack", StringComparison.Ordinal) ? new TaskCompletionSource().Task : Task.CompletedTask;
        await ServeHeldAsync(atMostOnce: true);
        Server.Drains.EndGracePeriod();
        Task draining = Server.Link.DrainAsync();
        await Channel.NextReplyAsync();

        await AdvanceUntilAsync(draining, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Callers_of_other_calls_are_told_nothing()
    {
        await ServeHeldAsync();
        Server.Drains.EndGracePeriod();

        await Server.Link.DrainAsync().Soon();

        Assert.Equal(0, Channel.PendingReplies);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_waited_for_three_seconds()
    {
        Serve();
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();
        Channel.Before = what => what.StartsWith("cancel", StringComparison.Ordinal) ? new TaskCompletionSource().Task : Task.CompletedTask;
        Task draining = Server.Link.DrainAsync();
        Server.Time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(draining.IsCompleted);

        Server.Time.Advance(TimeSpan.FromSeconds(0.1));

        await draining.Soon();
        Assert.Equal([46, 54], Server.Log.Ids);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Consumers_that_cannot_be_stopped_are_no_error(bool isRefused)
    {
        Serve();
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();
        Channel.Before = _ => isRefused ? throw new TransportRefusedException(404, "no") : throw new TransportClosedException(new TransportClosure("gone"), nothingSent: true);

        await Server.Link.DrainAsync().Soon();

        Assert.Equal([46, 54], Server.Log.Ids);
    }

    [Fact]
    public async Task A_waiting_call_is_abandoned_without_running()
    {
        Server.Settings = Server.Settings with { MaxConcurrentCalls = 1 };
        await ServeHeldAsync();
        Server.Deliver(TestServer.Request(id: "2", tag: 2));
        Server.Drains.EndGracePeriod();
        await Server.Link.DrainAsync().Soon();
        Release.SetResult();

        await TaskBounds.Until(() => Server.Link.Load == (0, 0));

        Assert.DoesNotContain(Channel.Events, text => text.StartsWith("publish", StringComparison.Ordinal) || text.StartsWith("ack", StringComparison.Ordinal));
    }
}
