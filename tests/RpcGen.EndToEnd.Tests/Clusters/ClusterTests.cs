using System.Globalization;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Clusters;

/// <summary>A cluster of three nodes under load. RPCGEN_TEST_CLUSTER_ROUNDS is how often each fault happens to each node; default: 1.</summary>
public sealed class ClusterTests(RabbitCluster cluster) : IClassFixture<RabbitCluster>, IAsyncLifetime
{
    /// <summary>A call is promised to end a second after its deadline. The rest is for machines that are busy with three brokers.</summary>
    private static readonly TimeSpan Latest = Fleet.Timeout + TimeSpan.FromSeconds(1 + 4);

    /// <summary>How long a service can be away after a fault: until the cluster has noticed it, about 6 s. The rest is for machines that are busy with three brokers.</summary>
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(6 + 39);

    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("RPCGEN_TEST_CLUSTER_ROUNDS") ?? "1", CultureInfo.InvariantCulture);

    private readonly string _quorum = $"t.{Guid.NewGuid():N}"[..14];
    private readonly string _classic = $"t.{Guid.NewGuid():N}"[..14];
    private readonly CallLedger _ledger = new();
    private readonly RecordingLog _log = new();

    /// <summary>
    /// Whether the broker is older than 3.12. A channel whose first message to a quorum queue comes before the queue has a new
    /// leader loses its messages to it until the old leader's node is back. And once a node was away and is back, channels can
    /// be stuck for more than a minute when the next one is away. So one client that is served shows that the service is back.
    /// </summary>
    private bool _isOld;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        if (NetworkNamespaces.Obstacle is { } obstacle)
        {
            Assert.Skip(obstacle);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Connections_spread_over_the_nodes()
    {
        var connections = new List<RpcConnection>();
        try
        {
            for (int i = 0; i < 40; i++) // all 40 miss one of three nodes once in four million runs
            {
                connections.Add(await RpcConnection.ConnectAsync(cluster.GetUrl(), cancellationToken: Cancel).OrFail());
            }

            foreach (ClusterNode node in cluster.Nodes)
            {
                Assert.NotEqual(0, await node.CountConnectionsAsync());
            }
        }
        finally
        {
            foreach (RpcConnection connection in connections)
            {
                await connection.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Promises_hold_while_each_node_is_killed_hangs_and_is_cut_off()
    {
        _isOld = await cluster.Nodes[0].GetVersionAsync() < new Version(3, 12);
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Fault fault in Fault.All)
            {
                foreach (ClusterNode node in cluster.Nodes.Take(_isOld && fault == Fault.CutOff ? 1 : cluster.Nodes.Count))
                {
                    await ServeThroughAsync(fault, node);
                }
            }
        }

        Report(TimeSpan.Zero);
        Assert.Empty(CallChecks.FindViolations(_ledger.Calls, Latest));
        Assert.DoesNotContain(_log.Lines, line => line.Contains("was not present in the dictionary", StringComparison.Ordinal));
    }

    /// <summary>SharedConnectionTests does the same quickly, on one node.</summary>
    [Fact]
    public async Task A_classic_queue_whose_node_hangs_and_comes_back_harms_no_other_server()
    {
        Assert.SkipUnless(Rounds > 1, "Takes a minute. Set RPCGEN_TEST_CLUSTER_ROUNDS to 2 or more to run it.");
        await using RpcConnection near = await ConnectAsync(first: 0);
        await (await near.ServeAsync<ITroublemaker>(new Troublemaker(EchoAsync), new RpcServerOptions { Queue = _classic }, Cancel)).DisposeAsync();
        await using RpcConnection other = await ConnectAsync(first: 1);
        await other.ServeAsync<ITroublemaker>(new Troublemaker(EchoAsync), new RpcServerOptions { Queue = _quorum }, Cancel);
        ITroublemaker client = other.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = _quorum });
        Assert.Equal("before", await client.DoAsync("before", Cancel).OrFail());

        await cluster.SetTickTimeAsync(seconds: 60); // the declaration gets no answer before it is given up, after 20 s
        await cluster.Nodes[0].PauseAsync();
        try
        {
            // Twice: after as long again, the client library would give up a channel that cannot be closed either.
            for (int i = 0; i < 2; i++)
            {
                var refused = await Assert.ThrowsAsync<RpcConnectionException>(
                    () => other.ServeAsync<ITroublemaker>(new Troublemaker(EchoAsync), new RpcServerOptions { Queue = _classic }, Cancel).OrFail());
                Assert.Contains("did not answer in time", refused.Message, StringComparison.Ordinal);
            }

            Assert.Equal("meanwhile", await client.DoAsync("meanwhile", Cancel).OrFail());
        }
        finally
        {
            await cluster.Nodes[0].ResumeAsync();
            await cluster.SetTickTimeAsync(ClusterNode.TickSeconds);
        }

        // The late answer has come once the node answers the next declaration.
        await other.ServeAsync<ITroublemaker>(new Troublemaker(EchoAsync), new RpcServerOptions { Queue = _classic }, Cancel).OrFail();
        Assert.Equal("after", await client.DoAsync("after", Cancel).OrFail());
        Assert.DoesNotContain(_log.Lines, line => line.StartsWith("[1] ", StringComparison.Ordinal) && line.Contains($"node {cluster.Nodes[1].Address}", StringComparison.Ordinal));
    }

    private static Task<string> EchoAsync(string text, CancellationToken cancellationToken) => Task.FromResult(text);

    private Task<RpcConnection> ConnectAsync(int first) => RpcConnection.ConnectAsync(
        cluster.GetUrl(first), new RpcConnectionOptions { LoggerFactory = _log, HostSelection = RpcHostSelection.InOrder }, Cancel).OrFail();

    private async Task ServeThroughAsync(Fault fault, ClusterNode node)
    {
        var fleet = new Fleet(cluster, _ledger, _log);
        try
        {
            await fleet.StartAsync(_quorum, _classic, Cancel).OrFail();
            await UntilServedAsync(_quorum, _ledger.Now, "all nodes run", [_ => true]);
            await SufferAsync(fault, node, fleet);
            await fleet.StopCallingAsync().OrFail();
            await UntilQueuesAreEmptyAsync();
        }
        finally
        {
            await fleet.StopAsync().OrFail();
        }
    }

    private async Task SufferAsync(Fault fault, ClusterNode node, Fleet fleet)
    {
        string what = $"{node.Name} {fault.Name}";
        TimeSpan start = _ledger.Now;
        await fault.BreakAsync(node);
        TimeSpan broken = _ledger.Now;
        TimeSpan served;
        try
        {
            Func<CallRecord, bool>[] anyOf = _isOld
                ? [.. Enumerable.Range(0, Fleet.Clients).Where(client => !fleet.IsOn(client, node)).Select(client => new Func<CallRecord, bool>(call => call.Client == client))]
                : [_ => true];
            served = await UntilServedAsync(_quorum, start, what, anyOf, node);
            await cluster.UntilNoticedAsync(node);
        }
        finally
        {
            await fault.MendAsync(node);
        }

        TimeSpan repaired = _ledger.Now;
        await UntilCompleteAsync();
        TimeSpan complete = _ledger.Now;
        await UntilServedAsync(_quorum, complete, "all nodes are back", [_ => true]);
        TimeSpan classic = await UntilServedAsync(_classic, complete, "all nodes are back", [_ => true]);
        Write(FormattableString.Invariant($"{what}: the quorum queue was served again after {served.TotalSeconds:0.0} s; broken for {(repaired - broken).TotalSeconds:0.0} s; ")
            + FormattableString.Invariant($"the cluster was complete {(complete - repaired).TotalSeconds:0.0} s later, and the classic queue served {classic.TotalSeconds:0.0} s after that"));
        Assert.InRange(served, TimeSpan.Zero, Outage);
    }

    private async Task UntilCompleteAsync()
    {
        try
        {
            await cluster.UntilCompleteAsync();
        }
        catch
        {
            Write(await cluster.DescribeAsync());
            throw;
        }
    }

    /// <summary>Waits until all calls of one of the groups succeed.</summary>
    private async Task<TimeSpan> UntilServedAsync(string queue, TimeSpan since, string what, Func<CallRecord, bool>[] anyOf, ClusterNode? away = null)
    {
        TimeSpan? recovery = null;
        try
        {
            await Wait.UntilAsync(
                () => (recovery = anyOf.Select(counts => _ledger.FindRecovery(call => call.Queue == queue && counts(call), since)).FirstOrDefault(found => found is not null)) is not null,
                $"queue {queue} is served again, {what}");
        }
        catch
        {
            Report(since);
            foreach (ClusterNode node in cluster.Nodes.Where(node => node != away))
            {
                Write($"{node.Name} sees {await node.DescribeAsync()}");
            }

            throw;
        }

        return recovery!.Value;
    }

    private async Task UntilQueuesAreEmptyAsync()
    {
        QueueInfo? quorum = null;
        QueueInfo? classic = null;
        try
        {
            await Wait.UntilAsync(
                async () =>
                {
                    quorum = await cluster.Nodes[0].FindQueueAsync(_quorum);
                    classic = await cluster.Nodes[0].FindQueueAsync(_classic);
                    return quorum is { Ready: 0, Unacknowledged: 0 } && classic is { Ready: 0, Unacknowledged: 0 };
                },
                "the queues are empty");
        }
        catch
        {
            Write($"The quorum queue has {quorum}, the classic queue {classic}.");
            throw;
        }
    }

    /// <summary>Shows how calls ended.</summary>
    private void Report(TimeSpan since)
    {
        foreach (IGrouping<string, CallRecord> same in _ledger.Calls.Where(call => call.StartedAt >= since).GroupBy(Describe).OrderBy(same => same.Key, StringComparer.Ordinal))
        {
            Write(FormattableString.Invariant($"{same.Key}: {same.Count()}, at most {same.Max(call => (call.End?.At ?? _ledger.Now) - call.StartedAt).TotalSeconds:0.00} s"));
        }

        string Describe(CallRecord call) => $"{(call.Queue == _quorum ? "quorum" : "classic")}, {call.Promise}, {call.End switch { null => "running", { Failure: { } failure } => failure.GetType().Name, _ => "success" }}";
    }

    private static void Write(string line)
    {
        TestContext.Current.TestOutputHelper!.WriteLine(line);
    }
}
