using RpcGen.Chaos.Faults;
using RpcGen.Chaos.History;
using RpcGen.Chaos.Stage;
using RpcGen.Chaos.Workers;

namespace RpcGen.Chaos;

/// <summary>
/// Clients and servers in processes of their own call through a real broker while processes, connections and the broker fail.
/// Then everything must work again, and the history must keep every promise.
/// </summary>
internal sealed class ChaosRun(Options options)
{
    private const int LongestFault = 4_000;
    private const int LongestPause = 1_500;

    /// <summary>Clients connect again within 5 s. The rest is for busy machines.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);

    /// <summary>A call is promised to end a second after its deadline. The rest is for busy machines.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1 + 5);

    private readonly Interruptions _interruptions = new();
    private readonly HistoryReader _history = new();
    private readonly FaultLog _faults = new();
    private readonly List<Worker> _workers = [];
    private readonly string _folder = Path.Combine(Environment.GetEnvironmentVariable("RPCGEN_TEST_TEMP") ?? Path.GetTempPath(), $"rpcgen-chaos-{Environment.ProcessId}");
    private int _processes;

    /// <summary>Runs it; gives the exit code.</summary>
    public async Task<int> RunAsync()
    {
        Directory.CreateDirectory(_folder);
        var broker = new Broker(Repository.FindScript(), Path.Combine(_folder, "broker"));
        var report = new Report();
        try
        {
            await broker.StartAsync();
            StartWorkers(broker);
            await UntilServedAsync(report, "before the faults");
            await BreakAsync(broker);
            TimeSpan recovered = await UntilServedAsync(report, "after the faults");
            await StopAsync(broker, report);
            Check(report, recovered);
        }
        finally
        {
            foreach (Worker worker in _workers)
            {
                await worker.KillAsync();
                await worker.StopAsync();
                await worker.Proxy.DisposeAsync();
            }

            await broker.KillAsync();
            if (report.Failed == 0)
            {
                Directory.Delete(_folder, recursive: true);
            }
        }

        Console.WriteLine($"{report.Passed} passed, {report.Failed} failed, 0 skipped");
        return report.Failed == 0 ? 0 : 1;
    }

    private void StartWorkers(Broker broker)
    {
        for (int i = 0; i < options.Servers + options.Clients; i++)
        {
            var worker = new Worker(
                i < options.Servers ? "server" : "client", new Proxy(broker.Url), _folder, () => Interlocked.Increment(ref _processes), options.Seed, _interruptions);
            _workers.Add(worker);
            worker.Start();
        }
    }

    /// <summary>Two faults can happen at a time: one to the broker, and one to a process or its way to the broker.</summary>
    private async Task BreakAsync(Broker broker)
    {
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(options.Seconds));
        Fault[] ofBroker = [.. BrokerFaults.Create(broker, _interruptions).Where(fault => options.Wants(fault.Name))];
        var random = new Random(options.Seed);
        Fault[] ofProcesses = [.. _workers.SelectMany(worker => ProcessFaults.Create(worker, random)).Where(fault => options.Wants(fault.Name))];
        await Task.WhenAll(
            BreakAsync(ofBroker, new Random(HashCode.Combine(options.Seed, 1)), end.Token),
            BreakAsync(ofProcesses, new Random(HashCode.Combine(options.Seed, 2)), end.Token));
        Console.WriteLine($"{_faults.Total} faults: {_faults}");
    }

    private async Task BreakAsync(Fault[] faults, Random random, CancellationToken end)
    {
        while (faults.Length > 0 && !end.IsCancellationRequested)
        {
            Fault fault = faults[random.Next(faults.Length)];
            _faults.Add(fault.Name);
            await fault.HappenAsync(Task.Delay(random.Next(LongestFault), CancellationToken.None));
            await Task.Delay(random.Next(LongestPause), CancellationToken.None);
        }
    }

    /// <summary>Waits until each client has a success for each promise; gives how long that took.</summary>
    private async Task<TimeSpan> UntilServedAsync(Report report, string when)
    {
        TimeSpan from = HistoryWriter.Now;
        int wanted = options.Clients * Enum.GetValues<Promise>().Length;
        int served = 0;
        while (served < wanted && HistoryWriter.Now - from < Recovery)
        {
            await Task.Delay(100);
            _history.Read(_folder);
            served = _history.Calls
                .Where(call => call.Promise is not null && call.StartedAt >= from && call.Ends.Exists(end => end.Failure is null))
                .Select(call => (call.Client, call.Promise))
                .Distinct().Count(call => _workers.Exists(worker => worker.Number == call.Client));
        }

        TimeSpan took = HistoryWriter.Now - from;
        report.Add(served == wanted, FormattableString.Invariant($"everything is served {when} ({took.TotalSeconds:0.0} s)"), [$"{served} of {wanted} kinds of calls succeeded"]);
        return took;
    }

    /// <summary>Ends the clients, then the servers once they have nothing left to do.</summary>
    private async Task StopAsync(Broker broker, Report report)
    {
        await Task.WhenAll(_workers.Where(worker => worker.Role == "client").Select(worker => worker.StopAsync()));
        TimeSpan from = HistoryWriter.Now;
        int left;
        do
        {
            await Task.Delay(100);
            left = await broker.CountMessagesAsync(WorkerProcess.Queue);
        }
        while (left > 0 && HistoryWriter.Now - from < Recovery);
        report.Add(left == 0, "no request is left", [$"{left} requests are in the queue"]);
        await Task.WhenAll(_workers.Select(worker => worker.StopAsync()));
        int queues = await broker.CountQueuesAsync();
        report.Add(queues <= 1, "no queue is left but that of requests", [$"there are {queues} queues"]);
    }

    private void Check(Report report, TimeSpan recovered)
    {
        _history.Read(_folder);
        foreach (IGrouping<string, CallHistory> same in _history.Calls.Where(call => call.Promise is not null).GroupBy(Describe).OrderBy(same => same.Key, StringComparer.Ordinal))
        {
            Console.WriteLine(FormattableString.Invariant($"{same.Key}: {same.Count()}"));
        }

        Console.WriteLine(FormattableString.Invariant($"{_history.Calls.Count} calls, {_workers.Sum(worker => worker.Processes)} processes, served again after {recovered.TotalSeconds:0.0} s"));
        Console.WriteLine($"{CountSurvivors()} long calls have an answer although all connections were lost while they ran");
        foreach ((string name, Func<CallHistory, IEnumerable<string>> find) in new HistoryChecks(_interruptions, WorkerProcess.Timeout, WorkerProcess.LongTimeout, Slack).All)
        {
            string[] broken = [.. _history.Calls.SelectMany(call => find(call).Select(what => $"{call} {what}"))];
            report.Add(broken.Length == 0, name, broken);
        }

        string[] failures = [.. _workers.SelectMany(worker => worker.Failures)];
        report.Add(failures.Length == 0, "no process ended by itself", failures);
        if (report.Failed > 0)
        {
            Console.WriteLine($"The histories are in {_folder}. The same order of faults: --seed {options.Seed}");
        }
    }

    /// <summary>Counts long calls whose last run had begun before all connections were lost, or the broker was, and that got its answer after that.</summary>
    private int CountSurvivors()
    {
        TimeSpan[] losses = [.. _interruptions.ConnectionLosses, .. _interruptions.BrokerLosses];
        return _history.Calls.Count(call => call.Promise?.IsLong() == true && call is { Runs: [.., var run], Ends: [{ Failure: null } end] } && losses.Any(at => run < at && at < end.At));
    }

    private static string Describe(CallHistory call) => $"{call.Promise}, {call.Ends switch { [] => "lost with its process", [{ Failure: { } failure }, ..] => failure, _ => "success" }}";
}
