using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interceptors.Examples;

namespace RpcGen.EndToEnd.Tests.Interceptors;

/// <summary>The examples do what they say.</summary>
public sealed class ResilienceTests(MemoryBroker broker) : FailureTest(broker), IClassFixture<MemoryBroker>
{
    [Fact]
    public async Task Polly_repeats_what_failed_until_the_circuit_breaks()
    {
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Interceptors = { new Resilience() } });

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(Queue, (await Assert.ThrowsAsync<RpcUnavailableException>(() => client.DoAsync("", Cancel))).Queue); // each is four attempts
        }

        await ServeAsync((text, _) => Task.FromResult(text));
        await Assert.ThrowsAsync<BrokenCircuitException>(() => client.DoAsync("", Cancel));
        ITroublemaker another = await CreateClientAsync(new RpcClientOptions { Interceptors = { new Resilience() } });
        Assert.Equal("works", await another.DoAsync("works", Cancel));
    }

    [Fact]
    public async Task Calls_are_logged()
    {
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Interceptors = { new CallLogging(Log.CreateLogger<CallLogging>()) } });

        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.DoAsync("secret", Cancel));
        await ServeAsync((text, _) => Task.FromResult(text));
        await client.DoAsync("secret", Cancel);

        Assert.Contains(Log.Lines, line => line.StartsWith("[1] Do took", StringComparison.Ordinal));
        Assert.Contains(Log.Lines, line => line.StartsWith("[2] Do with 1 arguments failed", StringComparison.Ordinal));
        Assert.DoesNotContain(Log.Lines, line => line.Contains("secret", StringComparison.Ordinal));
    }
}
