using RpcGen.EndToEnd.Tests.Harness;

[assembly: AssemblyFixture(typeof(SharedRabbit))]
