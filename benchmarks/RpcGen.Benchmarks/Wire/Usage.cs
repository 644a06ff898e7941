using System.Diagnostics;
using RpcGen.Benchmarks.Surroundings;

namespace RpcGen.Benchmarks.Wire;

/// <summary>CPU time and memory used so far.</summary>
/// <param name="Timestamp">When, in ticks of <see cref="Stopwatch"/>.</param>
/// <param name="Dotnet">CPU time of client and server.</param>
/// <param name="Broker">CPU time of the broker.</param>
/// <param name="Bytes">Bytes allocated by client and server.</param>
internal readonly record struct Usage(long Timestamp, TimeSpan Dotnet, TimeSpan Broker, long Bytes)
{
    /// <summary>Reads the clocks, including those of a separate server process.</summary>
    public static async ValueTask<Usage> ReadAsync(Broker broker, ServerProcess? servers)
    {
        (TimeSpan cpu, long bytes) = servers is null ? default : await servers.ReadAsync();
        return new Usage(
            Stopwatch.GetTimestamp(),
            cpu + ProcessClock.Read(Environment.ProcessId),
            broker.CpuTime,
            bytes + GC.GetTotalAllocatedBytes(precise: true));
    }
}
