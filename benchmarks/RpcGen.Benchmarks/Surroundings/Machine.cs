using System.Runtime;
using System.Runtime.InteropServices;

namespace RpcGen.Benchmarks.Surroundings;

/// <summary>Describes the machine of a run.</summary>
internal static class Machine
{
    public static string Describe(string broker) =>
        $"""
        - {DateTimeOffset.UtcNow:yyyy-MM-dd HH:mm} UTC, {Processor()}, {Environment.ProcessorCount} cores shared by client, server and broker
        - {RuntimeInformation.FrameworkDescription}, {(GCSettings.IsServerGC ? "server" : "workstation")} GC, {RuntimeInformation.OSDescription}
        - {broker}; load average {Load()}
        """;

    private static string Processor() =>
        File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':') + 1)..].Trim()
            : RuntimeInformation.ProcessArchitecture.ToString();

    private static string Load() => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "?";
}
