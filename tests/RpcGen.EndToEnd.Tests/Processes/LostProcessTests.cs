using RpcGen.Chaos.Peers;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.EndToEnd.Tests.Processes;

/// <summary>
/// A process stands still or is killed while it runs, and waits for, long calls and streams. The process serves and calls on one connection
/// for each heartbeat, and so does the test.
/// </summary>
public sealed class LostProcessTests(SharedRabbit broker) : EndToEndTest(broker)
{
    /// <summary>A peer that says nothing for three of these is lost soon.</summary>
    private const int Often = 1000;

    /// <summary>Three of these take longer than the test.</summary>
    private const int Seldom = 60_000;

    private const string OfTheChild = "of the child";
    private const string OfTheTest = "of the test";

    [Fact]
    public async Task A_process_that_stands_still_is_lost_after_three_of_its_heartbeats_and_not_before()
    {
        Peer often = await CreatePeerAsync(Often);
        Peer seldom = await CreatePeerAsync(Seldom);
        await using ChildProcess child = await StartAsync(Often, Seldom);
        await often.UntilBusyAsync(canRunAgain: false);
        await seldom.UntilBusyAsync(canRunAgain: false);

        child.Stop();
        await Assert.ThrowsAsync<RpcConnectionException>(() => often.Waiting.OrFail());
        await Assert.ThrowsAsync<RpcConnectionException>(() => often.WaitingOnce.OrFail());
        await Assert.ThrowsAsync<RpcConnectionException>(() => often.Counting.OrFail());
        await Assert.ThrowsAsync<RpcConnectionException>(() => often.Summing.OrFail());
        await Wait.UntilAsync(() => often.Holder.Counts(OfTheChild) == new HolderCounts(3, 3), "what the process waited for is cancelled");
        child.Continue();

        await child.UntilPrintedAsync($"wait {Often}: {nameof(RpcConnectionException)}");
        await child.UntilPrintedAsync($"sum {Often}: {nameof(RpcConnectionException)}");
        await child.UntilPrintedAsync($"count {Often}: {nameof(RpcConnectionException)}");
        await Wait.UntilAsync(async () => await often.Client.GetCountsAsync(OfTheTest, Cancel) == new HolderCounts(4, 4), "the handlers of the process are cancelled");
        Assert.Equal(new HolderCounts(4, 0), await seldom.Client.GetCountsAsync(OfTheTest, Cancel));
        Assert.Equal(new HolderCounts(3, 0), seldom.Holder.Counts(OfTheChild));
        await seldom.Client.ReleaseAsync(OfTheTest, Cancel);
        await seldom.Holder.ReleaseAsync(OfTheChild, Cancel);
        Assert.Equal(("child", "child", 2, 6), (await seldom.Waiting.OrFail(), await seldom.WaitingOnce.OrFail(), await seldom.Counting.OrFail(), await seldom.Summing.OrFail()));
        await child.UntilPrintedAsync($"wait {Seldom}: test");
        await child.UntilPrintedAsync($"sum {Seldom}: 10");
        await child.UntilPrintedAsync($"count {Seldom}: 2");
    }

    [Fact]
    public async Task A_process_that_is_killed_is_lost_and_a_call_that_can_run_again_goes_to_another_one()
    {
        Peer often = await CreatePeerAsync(Often);
        await using ChildProcess child = await StartAsync(Often);
        await often.UntilBusyAsync(canRunAgain: true);

        await child.KillAsync();
        await Assert.ThrowsAsync<RpcConnectionException>(() => often.Counting.OrFail());
        await Assert.ThrowsAsync<RpcConnectionException>(() => often.Summing.OrFail());
        await Assert.ThrowsAsync<RpcConnectionException>(() => often.WaitingOnce.OrFail());
        await Wait.UntilAsync(() => often.Holder.Counts(OfTheChild) == new HolderCounts(3, 3), "what the process waited for is cancelled");

        var other = new Holder("other");
        await other.ReleaseAsync(OfTheTest, Cancel);
        await (await ConnectAsync()).ServeAsync<IHolder>(other, new RpcServerOptions { Queue = QueueOfChild(Often) }, Cancel);

        Assert.Equal("other", await often.Waiting.OrFail());
        Assert.Equal(1, other.Counts(OfTheTest).Started);
    }

    protected override async Task CleanUpAsync()
    {
        foreach (int heartbeat in (int[])[Often, Seldom])
        {
            await Broker.DeleteQueueAsync(QueueOfChild(heartbeat));
            await Broker.DeleteQueueAsync(QueueOfTest(heartbeat));
        }
    }

    private string QueueOfChild(int heartbeat) => $"{Queue}.child.{heartbeat}";

    private string QueueOfTest(int heartbeat) => $"{Queue}.test.{heartbeat}";

    private Task<ChildProcess> StartAsync(params int[] heartbeats) => ChildProcess.StartServerAsync(
        "dotnet", [Repository.File("tests", "RpcGen.Chaos", "bin", Repository.Configuration, "net10.0", "RpcGen.Chaos.dll"), "holder", broker.Url, Queue, .. heartbeats.Select(heartbeat => $"{heartbeat}")]);

    private async Task<Peer> CreatePeerAsync(int heartbeat)
    {
        RpcConnection connection = await ConnectAsync(new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromMilliseconds(heartbeat) });
        var holder = new Holder("test");
        await connection.ServeAsync<IHolder>(holder, new RpcServerOptions { Queue = QueueOfTest(heartbeat) }, Cancel);
        return new Peer(broker, QueueOfChild(heartbeat), QueueOfTest(heartbeat), connection, holder);
    }

    /// <summary>The side of the test, with one heartbeat.</summary>
    private sealed class Peer(SharedRabbit broker, string queueOfChild, string queueOfTest, RpcConnection connection, Holder holder)
    {
        public Holder Holder => holder;

        public IHolder Client { get; } = connection.CreateClient<IHolder>(new RpcClientOptions { Queue = queueOfChild });

        public Task<string> Waiting { get; private set; } = null!;

        public Task<string> WaitingOnce { get; private set; } = null!;

        public Task<int> Counting { get; private set; } = null!;

        public Task<int> Summing { get; private set; } = null!;

        /// <summary>Calls the process, and waits until it runs all the calls, and the test runs its. On a busy machine, peers with a short heartbeat can be lost already.</summary>
        /// <param name="canRunAgain">Whether the first call is idempotent.</param>
        public async Task UntilBusyAsync(bool canRunAgain)
        {
            Waiting = canRunAgain ? Client.WaitIdempotentlyAsync(OfTheTest, Cancel) : Client.WaitAsync(OfTheTest, Cancel);
            WaitingOnce = Client.WaitOnceAsync(OfTheTest, Cancel);
            Counting = Client.CountAsync(OfTheTest, Cancel).CountAsync(Cancel).AsTask();
            Summing = Client.SumAsync(OfTheTest, AsyncEnumerable.Range(1, 3), Cancel);

            // The process has one place for calls. It can answer this question only if it has taken the calls over.
            await Wait.UntilAsync(async () => (await Client.GetCountsAsync(OfTheTest, Cancel)).Started >= 4, "the process runs the calls");
            await Wait.UntilAsync(() => holder.Counts(OfTheChild).Started == 3, "the test runs the calls of the process");
            await Wait.UntilAsync(async () => await broker.FindQueueAsync(queueOfTest) is { Ready: 0, Unacknowledged: null or 0 }, "the test has taken the calls over");
        }
    }
}
