namespace RpcGen.Benchmarks.Workloads;

/// <summary>What a call does.</summary>
internal enum Workload
{
    /// <summary>Adds two numbers: the cost of a call as such.</summary>
    Add,

    /// <summary>Echoes a record of 1 KB.</summary>
    Echo,
}
