using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Wire;

/// <summary>What is measured together: one workload with so many callers at a time.</summary>
internal readonly record struct Scene(Workload Workload, int Callers);

/// <summary>One peer in one scene of one round.</summary>
/// <param name="CallsPerSecond">Throughput.</param>
/// <param name="P50">Median latency in µs.</param>
/// <param name="P99">99th percentile in µs.</param>
/// <param name="DotnetCpu">CPU time of client and server a call, in µs.</param>
/// <param name="BrokerCpu">CPU time of the broker a call, in µs.</param>
/// <param name="Bytes">Bytes allocated a call by client and server.</param>
internal sealed record Measurement(double CallsPerSecond, double P50, double P99, double DotnetCpu, double BrokerCpu, double Bytes)
{
    public double Cpu => DotnetCpu + BrokerCpu;
}
