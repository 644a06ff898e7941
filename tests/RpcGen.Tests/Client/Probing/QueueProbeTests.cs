using RpcGen.Client.Probing;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Probing;

public sealed class QueueProbeTests : ClientFixture
{
    private QueueProbe _probe = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _probe = new QueueProbe(Connections, Environment);
    }

    public override async ValueTask DisposeAsync()
    {
        await _probe.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task A_queue_is_inspected_on_a_channel_of_its_own()
    {
        Connection.Queues["q"] = new QueueState(ReadyMessages: 3, Consumers: 2);
        int channels = Connection.Channels.Count;
        Assert.Null(_probe.Latest("q"));

        QueueReport report = await Gets(_probe.InspectAsync("q"));

        Assert.Equal(new QueueReport(IsKnown: true, Exists: true, new QueueState(3, 2), Time.GetTimestamp()), report);
        Assert.False(report.IsUnserved);
        Assert.True(Connection.Channels.Skip(channels).Single().IsDisposed);
        Assert.Same(report, _probe.Latest("q"));
    }

    [Fact]
    public async Task Reports_of_queues_are_let_go_when_they_are_old()
    {
        for (int i = 0; i < 10_000; i++)
        {
            Connection.Queues[$"q{i}"] = new QueueState(0, 1);
            await Gets(_probe.InspectAsync($"q{i}"));
            Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.InRange(_probe.KnownQueues, 1, 200); // the last second's, and as many until the next search
    }

    [Fact]
    public async Task The_time_without_consumers_is_counted_until_one_comes()
    {
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 0);
        Assert.Equal(0, await UnservedForAsync());
        Assert.Equal(2, await UnservedForAsync(2));
        Assert.Equal(5, await UnservedForAsync(3));
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 1);
        Assert.Equal(0, await UnservedForAsync(2));
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 0);
        Assert.Equal(0, await UnservedForAsync(2));
        Assert.Equal(2, await UnservedForAsync(2));
    }

    private async Task<double> UnservedForAsync(double seconds = 0)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        return (await Gets(_probe.InspectAsync("q"))).UnservedFor.TotalSeconds;
    }

    [Fact]
    public async Task A_missing_queue_is_known_as_missing()
    {
        QueueReport report = await Gets(_probe.InspectAsync("q"));

        Assert.True(report is { IsKnown: true, Exists: false, IsUnserved: true });
        Assert.True(Connection.Channels[^1].IsDisposed);
    }

    [Fact]
    public async Task Any_other_failure_leaves_the_queue_unknown()
    {
        Connection.OpenFailure = new TransportRefusedException(AmqpReplyCodes.ResourceLocked, "locked");
        Assert.True(await Gets(_probe.InspectAsync("q")) is { IsKnown: false, Exists: false, IsUnserved: false });
    }

    [Fact]
    public async Task A_report_is_reused_for_a_second()
    {
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 1);
        QueueReport first = await Gets(_probe.InspectAsync("q"));
        Time.Advance(QueueProbe.MaxAge - TimeSpan.FromTicks(1));
        Assert.Same(first, await Gets(_probe.InspectAsync("q")));
        Assert.Same(first, _probe.Latest("q"));
        Assert.Null(_probe.Latest("other"));

        Time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(_probe.Latest("q"));
        Assert.NotSame(first, await Gets(_probe.InspectAsync("q")));
        Assert.Equal(2, Connection.Inspections);
    }

    [Fact]
    public async Task A_queue_has_one_inspection_at_a_time()
    {
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 1);
        var gate = new TaskCompletionSource();
        Connection.InspectionGate = gate.Task;
        Task<QueueReport> first = _probe.InspectAsync("q");
        Task<QueueReport> second = _probe.InspectAsync("q");
        Assert.Null(_probe.Latest("q"));
        gate.SetResult();

        Assert.Same(await Gets(first), await Gets(second));
        Assert.Equal(1, Connection.Inspections);
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_given_up_after_five_seconds()
    {
        Connection.InspectionGate = new TaskCompletionSource().Task;
        Task<QueueReport> report = _probe.InspectAsync("q");
        await Until(() => Connection.Inspections == 1);
        Time.Advance(QueueProbe.Timeout - TimeSpan.FromTicks(1));
        await Task.Delay(5, Cancel);
        Assert.False(report.IsCompleted);

        Time.Advance(TimeSpan.FromTicks(1));
        Assert.False((await Gets(report)).IsKnown);
    }

    [Fact]
    public async Task Disposal_ends_an_inspection()
    {
        Connection.InspectionGate = new TaskCompletionSource().Task;
        Task<QueueReport> report = _probe.InspectAsync("q");
        await Until(() => Connection.Inspections == 1);

        await _probe.DisposeAsync();

        Assert.False((await Gets(report)).IsKnown);
    }
}
