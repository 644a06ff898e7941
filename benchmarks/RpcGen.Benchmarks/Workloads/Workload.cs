namespace RpcGen.Benchmarks.Workloads;

/// <summary>The work that a call does.</summary>
internal enum Workload
{
    /// <summary>Adds two numbers: the cost of the call itself.</summary>
    Add,

    /// <summary>Echoes a record of 1 KB.</summary>
    Echo,
}
