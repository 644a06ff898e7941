using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>The Fibonacci sample. It serves one fixed queue, so only one test at a time uses it.</summary>
[CollectionDefinition(nameof(FibonacciSample))]
public sealed class FibonacciSample
{
    public const string Queue = "RpcGen.Samples.Fibonacci.FibonacciService";

    public static Task<ChildProcess> StartServerAsync(SharedRabbit broker) =>
        ChildProcess.StartServerAsync("dotnet", Repository.Sample("Fibonacci"), "server", "--broker", broker.Url);
}

/// <summary>The sample's contract, as an independent client declares it.</summary>
[AmqpRpc(FibonacciSample.Queue)]
internal partial interface IRemoteFibonacci
{
    Task<long> FibonacciAsync(int n, CancellationToken cancellationToken);
}
