using System.Diagnostics;
using System.Text;
using RpcGen.Benchmarks.Wire;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Growth;

/// <summary>Measures many pending calls: their cost, and the memory that remains afterwards.</summary>
internal sealed class OutstandingRun(string broker, int count, StringBuilder text)
{
    public async Task RunAsync()
    {
        Console.Error.WriteLine($"outstanding {count}");
        await using GrowthSite site = await GrowthSite.StartAsync(broker);
        await site.Client.AddAsync(1, 2);
        await site.Client.EchoAsync("warm");
        long before = Memory();

        long start = Stopwatch.GetTimestamp();
        var calls = new Task<int>[count];
        for (int i = 0; i < count; i++)
        {
            calls[i] = site.Client.HoldAsync(i).AsTask();
        }

        TimeSpan issuing = Stopwatch.GetElapsedTime(start);
        long outstanding = Memory();
        start = Stopwatch.GetTimestamp();
        site.Release();
        int[] results = await Task.WhenAll(calls);
        TimeSpan finishing = Stopwatch.GetElapsedTime(start);
        bool isRight = results.Select((result, i) => result == i).All(same => same);
        calls = [];
        results = [];
        await Task.Delay(TimeSpan.FromSeconds(2)); // let acknowledgements and timers finish
        long after = Memory();

        text.AppendLine().AppendLine("## outstanding").AppendLine();
        text.AppendLine("| outstanding calls | to issue them | to answer them once released | heap before | while outstanding | bytes per call | heap after | replies right |");
        text.AppendLine("|---|---|---|---|---|---|---|---|");
        text.AppendLine($"| {count} | {issuing.TotalSeconds:0.00} s | {finishing.TotalSeconds:0.00} s | {Mebibytes(before)} | {Mebibytes(outstanding)} | {(outstanding - before) / count} | {Mebibytes(after)} | {(isRight ? "yes" : "**no**")} |");
    }

    private static long Memory() => GC.GetTotalMemory(forceFullCollection: true);

    private static string Mebibytes(long bytes) => $"{bytes / 1048576.0:0.0} MiB";
}
