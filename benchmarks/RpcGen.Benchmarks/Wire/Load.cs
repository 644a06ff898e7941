using System.Diagnostics;
using RpcGen.Benchmarks.Peers;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Wire;

/// <summary>Callers that call without pause, each with one call at a time.</summary>
internal sealed class Load(IPeerClient client, Scene scene)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(40);
    private volatile LatencyHistogram _latencies = new();
    private volatile bool _isOver;

    /// <summary>Calls for a while, and measures after the warm-up.</summary>
    public async Task<Measurement> RunAsync(TimeSpan warmUp, TimeSpan duration, Func<ValueTask<Usage>> readUsage)
    {
        Task callers = Task.WhenAll(Enumerable.Range(0, scene.Callers).Select(caller => Task.Run(() => CallAsync(caller * 1_000_000))));
        await Task.WhenAny(callers, Task.Delay(warmUp));
        var measured = new LatencyHistogram();
        Usage before = await readUsage();
        _latencies = measured;
        await Task.WhenAny(callers, Task.Delay(duration));
        long calls = measured.Count;
        Usage after = await readUsage();
        _isOver = true;
        await callers.WaitAsync(Timeout);
        return new Measurement(
            calls / Stopwatch.GetElapsedTime(before.Timestamp, after.Timestamp).TotalSeconds,
            measured.Percentile(0.5),
            measured.Percentile(0.99),
            (after.Dotnet - before.Dotnet).TotalMicroseconds / calls,
            (after.Broker - before.Broker).TotalMicroseconds / calls,
            (double)(after.Bytes - before.Bytes) / calls);
    }

    private async Task CallAsync(int first)
    {
        for (int number = first; !_isOver; number++)
        {
            long start = Stopwatch.GetTimestamp();
            if (scene.Workload == Workload.Add)
            {
                int sum = await client.AddAsync(number, 1).ConfigureAwait(false);
                ThrowUnless(sum == number + 1);
            }
            else
            {
                Document document = await client.EchoAsync(Document.Sample).ConfigureAwait(false);
                ThrowUnless(document.Text.Length == Document.Sample.Text.Length);
            }

            _latencies.Record(Stopwatch.GetTimestamp() - start);
        }
    }

    private static void ThrowUnless(bool isRight)
    {
        if (!isRight)
        {
            throw new InvalidOperationException("The reply is wrong.");
        }
    }
}
