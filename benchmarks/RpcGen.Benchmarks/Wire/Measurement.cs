using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Wire;

/// <summary>One workload with a number of callers.</summary>
internal readonly record struct Scene(Workload Workload, int Callers);

/// <summary>The result of one peer in one scene of one round.</summary>
/// <param name="CallsPerSecond">Throughput.</param>
/// <param name="P50">Median latency in µs.</param>
/// <param name="P99">99th percentile in µs.</param>
/// <param name="DotnetCpu">CPU time of client and server per call, in µs.</param>
/// <param name="BrokerCpu">CPU time of the broker per call, in µs.</param>
/// <param name="Bytes">Bytes allocated per call by client and server.</param>
internal sealed record Measurement(double CallsPerSecond, double P50, double P99, double DotnetCpu, double BrokerCpu, double Bytes)
{
    public double Cpu => DotnetCpu + BrokerCpu;
}
