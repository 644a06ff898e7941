using System.Diagnostics;
using System.Text;
using RpcGen.Benchmarks.Surroundings;
using RpcGen.Benchmarks.Wire;

namespace RpcGen.Benchmarks.Startup;

/// <summary>Measures the time from the start of a process to its first reply: the client of the Fibonacci sample, against its server.</summary>
internal static class StartupRun
{
    public static string[] Names { get; } = ["--runs", "--native", "--broker", "--broker-pid", "--output"];

    public static async Task<string> RunAsync(string broker, Arguments arguments)
    {
        int runs = arguments.Number("--runs", 10);
        string sample = Path.Combine(Repository.Root, "samples", "Fibonacci", "bin", "Release", "net10.0", "Fibonacci");
        using Process server = Start(sample, "server", "--broker", broker);
        await server.StandardOutput.ReadLineAsync();
        var text = new StringBuilder($"- {runs} runs each, medians (least–greatest); the Fibonacci sample\n\n| program | first reply after ms | process over after ms | resident MiB at most |\n|---|---|---|---|\n");
        await MeasureAsync(text, "client, JIT", runs, sample, "client", "30", "--broker", broker);
        await MeasureAsync(text, "client and server on memory://, JIT: no broker, no sockets", runs, sample);
        if (arguments["--native"] is { } native)
        {
            await MeasureAsync(text, "client, NativeAOT", runs, Path.GetFullPath(native), "client", "30", "--broker", broker);
        }

        server.Kill();
        await server.WaitForExitAsync();
        return text.ToString();
    }

    private static async Task MeasureAsync(StringBuilder text, string name, int runs, string program, params string[] arguments)
    {
        await RunOnceAsync(program, arguments); // warms up the disk cache
        var results = new List<(double Reply, double End, double Resident)>();
        for (int i = 0; i < runs; i++)
        {
            results.Add(await RunOnceAsync(program, arguments));
        }

        text.AppendLine($"| {name} | {Spread.Of(results.Select(r => r.Reply))} | {Spread.Of(results.Select(r => r.End))} | {Spread.Of(results.Select(r => r.Resident))} |");
    }

    private static async Task<(double Reply, double End, double Resident)> RunOnceAsync(string program, string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        using Process client = Start(program, arguments);
        string? reply = await client.StandardOutput.ReadLineAsync();
        double replied = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        double resident = PeakResident(client.Id);
        await client.WaitForExitAsync();
        return reply?.Contains("832040", StringComparison.Ordinal) == true
            ? (replied, Stopwatch.GetElapsedTime(start).TotalMilliseconds, resident)
            : throw new InvalidOperationException($"{program} said '{reply}'.");
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;

    /// <summary>In MiB, as counted by the kernel. Read after the reply, while the process closes its connection.</summary>
    private static double PeakResident(int processId)
    {
        try
        {
            string line = File.ReadLines($"/proc/{processId}/status").First(status => status.StartsWith("VmHWM", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return double.NaN;
        }
    }
}
