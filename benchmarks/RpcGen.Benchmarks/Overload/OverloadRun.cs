using System.Diagnostics;
using System.Globalization;
using System.Text;
using RpcGen.Benchmarks.Surroundings;

namespace RpcGen.Benchmarks.Overload;

/// <summary>
/// Measures how many calls end in time when a server gets more than it can run: 10 places, 50 ms a call, 2 s for each caller. New calls
/// start at a fixed rate, independent of earlier ones.
/// </summary>
internal sealed class OverloadRun(Broker broker, Arguments arguments)
{
    private const int Places = 10;
    private const int Capacity = 200;

    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly TimeSpan _warmUp = TimeSpan.FromSeconds(arguments.Seconds("--warm-up", 6));
    private readonly TimeSpan _duration = TimeSpan.FromSeconds(arguments.Seconds("--seconds", 10));

    public static string[] Names { get; } = ["--seconds", "--warm-up", "--loads", "--broker", "--broker-pid", "--output"];

    public async Task<string> RunAsync()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"- {Places} places, {Work.TotalMilliseconds} ms a call ({Capacity} calls/s), 2 s for each caller, {_duration.TotalSeconds} s measured after {_warmUp.TotalSeconds} s");
        text.AppendLine().AppendLine("| load | RejectWhenOverloaded | results/s | of capacity | p99 ms |").AppendLine("|---|---|---|---|---|");
        foreach (string load in arguments.List("--loads", "0.5", "1", "2", "10", "100"))
        {
            foreach (bool rejects in (bool[])[true, false])
            {
                (double rate, double p99) = await MeasureAsync(double.Parse(load, CultureInfo.InvariantCulture), rejects);
                text.AppendLine(CultureInfo.InvariantCulture, $"| {load} | {rejects} | {rate:0} | {rate / Capacity:0.00} | {p99:0} |");
                Console.Error.WriteLine($"load {load}, rejects {rejects}: {rate:0}/s, p99 {p99:0} ms");
            }
        }

        return text.ToString();
    }

    private async Task<(double Rate, double P99)> MeasureAsync(double load, bool rejects)
    {
        string queue = $"overload.{Guid.NewGuid():N}";
        await using RpcConnection serving = await RpcConnection.ConnectAsync(broker.Url);
        await using RpcConnection calling = await RpcConnection.ConnectAsync(broker.Url);
        await serving.ServeAsync<IOverloaded>(new OverloadedService(Work), new RpcServerOptions { Queue = queue, MaxConcurrentCalls = Places, RejectWhenOverloaded = rejects, QueueType = RpcQueueType.NonDurable });
        IOverloaded client = calling.CreateClient<IOverloaded>(new RpcClientOptions { Queue = queue });
        await client.WorkAsync();

        var times = new List<double>();
        var pending = new List<Task>();
        var clock = Stopwatch.StartNew();
        long started = 0;
        while (clock.Elapsed < _warmUp + _duration)
        {
            for (long due = (long)(clock.Elapsed.TotalSeconds * load * Capacity); started < due; started++)
            {
                pending.Add(CallAsync(client, clock, times));
            }

            pending.RemoveAll(call => call.IsCompleted);
            await Task.Delay(Tick);
        }

        await Task.WhenAll(pending);
        lock (times)
        {
            times.Sort();
            return (times.Count / _duration.TotalSeconds, times.Count == 0 ? 0 : times[(int)(0.99 * (times.Count - 1))]);
        }
    }

    /// <summary>Makes one call, and notes how long it took if it ended well in the time that is measured.</summary>
    private async Task CallAsync(IOverloaded client, Stopwatch clock, List<double> times)
    {
        TimeSpan start = clock.Elapsed;
        try
        {
            await client.WorkAsync();
        }
        catch (Exception e) when (e is RpcUnavailableException or RpcTimeoutException)
        {
            return; // refused or too late: not counted
        }

        TimeSpan end = clock.Elapsed;
        if (end >= _warmUp && end < _warmUp + _duration)
        {
            lock (times)
            {
                times.Add((end - start).TotalMilliseconds);
            }
        }
    }
}
