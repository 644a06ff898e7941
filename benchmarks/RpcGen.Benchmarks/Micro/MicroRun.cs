using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using RpcGen.Benchmarks.Surroundings;

namespace RpcGen.Benchmarks.Micro;

/// <summary>Runs the micro benchmarks in this process, because BenchmarkDotNet's own builds do not use this repository's settings.</summary>
internal static class MicroRun
{
    public static string[] Names { get; } = ["--filter", "--output"];

    public static void Run(Arguments arguments)
    {
        IConfig config = ManualConfig.CreateEmpty()
            .AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(ConsoleLogger.Default)
            .AddExporter(MarkdownExporter.GitHub)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.GetFullPath(arguments["--output"] ?? "artifacts/micro"));
        BenchmarkSwitcher.FromAssembly(typeof(MicroRun).Assembly).Run(["--filter", arguments["--filter"] ?? "*"], config);
    }
}
