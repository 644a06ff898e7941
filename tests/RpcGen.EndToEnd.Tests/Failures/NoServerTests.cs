using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>No server consumes the queue.</summary>
public abstract class NoServerTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task A_missing_queue_fails_the_call_at_once()
    {
        ITroublemaker client = await CreateClientAsync();

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(
            () => client.With(timeout: Timeout.InfiniteTimeSpan).DoAsync("x", Cancel).OrFail());

        Assert.Equal(Queue, unavailable.Queue);
        Assert.Contains($"'{Queue}'", unavailable.Message, StringComparison.Ordinal);
        Assert.Contains("Start a server", unavailable.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("guest", unavailable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_to_a_queue_without_consumers_wait_for_a_server()
    {
        await (await ServeAsync((text, _) => Task.FromResult(text))).StopAsync(Cancel);
        ITroublemaker client = await CreateClientAsync();

        Task<string> call = client.DoAsync("late", Cancel);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 1, "the request waits");
        await ServeAsync((text, _) => Task.FromResult(text));

        Assert.Equal("late", await call.OrFail());
    }

    [Fact]
    public async Task The_timeout_for_a_queue_without_consumers_says_so()
    {
        await (await ServeAsync((text, _) => Task.FromResult(text))).StopAsync(Cancel);
        ITroublemaker client = await CreateClientAsync();

        var timeout = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromSeconds(2)).DoAsync("x", Cancel).OrFail());

        Assert.Matches($"'{Queue}' (has no consumer and|has had no consumer for at least [0-9]+ s, and has) 1 waiting message\\. No server is running: start one, or delete the queue", timeout.Message);
        await UntilQueueIsEmptyAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_queue_without_consumers_fails_calls_at_once_with_FailFast(bool byCall)
    {
        await (await ServeAsync((text, _) => Task.FromResult(text))).StopAsync(Cancel);
        ITroublemaker client = await CreateClientAsync(byCall ? null : new RpcClientOptions(ClientOptions) { FailFast = true });
        client = byCall ? client.With(failFast: true) : client;

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.With(timeout: Timeout.InfiniteTimeSpan).DoAsync("x", Cancel).OrFail());

        Assert.Equal(Queue, unavailable.Queue);
        Assert.Contains("has no consumer and 0 waiting messages", unavailable.Message, StringComparison.Ordinal);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_call_overrides_the_contracts_FailFast()
    {
        await (await ServeAsync((text, _) => Task.FromResult(text))).StopAsync(Cancel);
        IImpatient client = (await ConnectAsync()).CreateClient<IImpatient>(ClientOptions);

        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.DoAsync("x", Cancel).OrFail());

        Task<string> patient = client.With(failFast: false).DoAsync("y", Cancel);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 1, "the request waits");
        await ServeAsync((text, _) => Task.FromResult(text));
        Assert.Equal("y", await patient.OrFail());
    }

    [Fact]
    public async Task With_FailFast_served_calls_are_answered()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions(ClientOptions) { FailFast = true });

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => client.DoAsync($"{i}", Cancel))).OrFail();

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), answers);
    }
}

public sealed class NoServerTestsInMemory(MemoryBroker broker) : NoServerTests(broker), IClassFixture<MemoryBroker>;

public sealed class NoServerTestsOnRabbitMq(SharedRabbit broker) : NoServerTests(broker);
