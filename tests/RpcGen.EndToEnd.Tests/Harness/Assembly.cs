using RpcGen.EndToEnd.Tests.Harness;

[assembly: AssemblyFixture(typeof(SharedRabbit))]

// Two more than the two processors of the smallest machine: many tests wait for brokers that they break.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]
