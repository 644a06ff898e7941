using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interceptors.Examples;

namespace RpcGen.EndToEnd.Tests.Interceptors;

/// <summary>The example of a logging interceptor does what it says.</summary>
public sealed class CallLoggingTests(MemoryBroker broker) : FailureTest(broker), IClassFixture<MemoryBroker>
{
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
