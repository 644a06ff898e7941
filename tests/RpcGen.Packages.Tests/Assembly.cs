using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Packages.Tests;

[assembly: AssemblyFixture(typeof(SharedRabbit))]
[assembly: AssemblyFixture(typeof(PackageFeed))]
