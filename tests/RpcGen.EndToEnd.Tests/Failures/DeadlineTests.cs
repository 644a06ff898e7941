using System.Diagnostics;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>The deadline passes.</summary>
public abstract class DeadlineTests(ITestBroker broker) : FailureTest(broker)
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(700);

    [Fact]
    public async Task The_timeout_of_a_slow_server_says_so()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();

        // Long enough for the queue to be inspected in the last quarter, 500 ms at most.
        var timeout = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: TimeSpan.FromSeconds(2)).DoAsync("x", Cancel).OrFail());

        Assert.Contains($"'{Queue}' has 1 consumer and 0 waiting messages", timeout.Message, StringComparison.Ordinal);
        Assert.Contains("may still run", timeout.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timeout_comes_from_the_call_the_client_or_the_method()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        RpcConnection connection = await ConnectAsync();
        ITroublemaker byMethod = connection.CreateClient<ITroublemaker>(ClientOptions);
        ITroublemaker byClient = connection.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = Short });

        var method = await Assert.ThrowsAsync<RpcTimeoutException>(() => byMethod.DoQuicklyAsync("x", Cancel).OrFail());
        var client = await Assert.ThrowsAsync<RpcTimeoutException>(() => byClient.DoQuicklyAsync("x", Cancel).OrFail());
        var call = await Assert.ThrowsAsync<RpcTimeoutException>(() => byClient.With(timeout: TimeSpan.FromMilliseconds(300)).DoAsync("x", Cancel).OrFail());

        Assert.Contains("within 1.5 s", method.Message, StringComparison.Ordinal);
        Assert.Contains("within 0.7 s", client.Message, StringComparison.Ordinal);
        Assert.Contains("within 0.3 s", call.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_handlers_token_fires_at_the_deadline()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();

        await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: Short).DoAsync("x", Cancel).OrFail());

        await held.TokenFired.OrFail();
    }

    [Fact]
    public async Task A_caller_that_asks_for_more_than_the_server_gives_is_told_the_limit()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync, new RpcServerOptions { MaxTimeout = Short });
        ITroublemaker patient = (await CreateClientAsync()).With(timeout: TimeSpan.FromMinutes(2));

        var byMethod = await Assert.ThrowsAsync<RpcTimeoutException>(() => patient.DoQuicklyAsync("x", Cancel).OrFail());
        var byServer = await Assert.ThrowsAsync<RpcTimeoutException>(() => patient.DoAsync("x", Cancel).OrFail());

        Assert.Contains("1.5 s, the longest time that its [RpcTimeout] gives a call", byMethod.Message, StringComparison.Ordinal);
        Assert.Contains("0.7 s, the longest time that RpcServerOptions.MaxTimeout gives a call", byServer.Message, StringComparison.Ordinal);
        Assert.Equal(RpcExecution.Started, byServer.Execution);
    }

    [Fact]
    public async Task A_deadline_that_passes_while_arguments_are_read_is_answered()
    {
        await (await ConnectAsync()).ServeAsync<ISlowReading>(new SlowReading(), new RpcServerOptions(ServerOptions) { MaxTimeout = TimeSpan.FromMilliseconds(200) }, Cancel);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, """{"argument":{"milliseconds":400}}""", type: "Read");
        Received reply = await peer.NextAsync();

        Assert.Equal("timeout", reply.FaultCode);
        Assert.Contains("\"ran\":false", reply.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_expires_in_the_queue_never_reaches_a_handler()
    {
        var held = new Held();
        RpcServer busy = await ServeAsync(held.ActAsync, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 });
        ITroublemaker client = await CreateClientAsync();
        Task<string> first = client.DoAsync("first", Cancel);
        await held.Started.OrFail();

        await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: Short).DoAsync("second", Cancel).OrFail());

        // The broker counts from the arrival of the request, which is later than the call.
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 0, "the request has expired in the queue");
        held.Release();

        Assert.Equal("released", await first.OrFail());
        await UntilQueueIsEmptyAsync();
        await busy.StopAsync(Cancel);
        Assert.Equal(1, held.Runs);
    }

    [Fact]
    public async Task Calls_from_a_handler_inherit_the_remaining_time()
    {
        var inner = new Held();
        RpcConnection innerConnection = await ConnectAsync();
        string innerQueue = Queue + ".i";
        await innerConnection.ServeAsync<ITroublemaker>(new Troublemaker(inner.ActAsync), new RpcServerOptions(ServerOptions) { Queue = innerQueue }, Cancel);
        ITroublemaker innerClient = (await ConnectAsync()).CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Queue = innerQueue });
        var innerOutcome = new TaskCompletionSource<Exception?>();
        await ServeAsync(async (text, token) =>
        {
            innerOutcome.SetResult(await Record.ExceptionAsync(() => innerClient.DoAsync(text, CancellationToken.None)));
            await Task.Delay(Timeout.Infinite, token);
            return text;
        });
        ITroublemaker client = await CreateClientAsync();

        await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: Short).DoAsync("x", Cancel).OrFail());

        Assert.IsType<RpcTimeoutException>(await innerOutcome.Task.OrFail());
        await inner.TokenFired.OrFail();
        await Broker.DeleteQueueAsync(innerQueue);
    }

    [Fact]
    public async Task The_handler_knows_the_remaining_time()
    {
        await ServeAsync((_, _) => Task.FromResult(RpcCallContext.Current!.Remaining.TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture)));
        ITroublemaker client = await CreateClientAsync();

        string remaining = await client.With(timeout: TimeSpan.FromSeconds(120)).DoAsync("x", Cancel).OrFail();

        Assert.InRange(double.Parse(remaining, System.Globalization.CultureInfo.InvariantCulture), 1, 120);
        Assert.Null(RpcCallContext.Current);
    }

    [Fact]
    public async Task A_call_without_a_timeout_waits()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();

        Task<string> call = client.With(timeout: Timeout.InfiniteTimeSpan).DoAsync("x", Cancel);
        await held.Started.OrFail();
        held.Release();

        Assert.Equal("released", await call.OrFail());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public async Task Invalid_timeouts_are_refused(int milliseconds)
    {
        ITroublemaker client = await CreateClientAsync();

        Assert.Throws<ArgumentOutOfRangeException>("timeout", () => client.With(timeout: TimeSpan.FromMilliseconds(milliseconds)));
    }

    [Fact]
    public async Task Timeouts_are_neither_early_nor_late()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAsync<RpcTimeoutException>(() => client.With(timeout: Short).DoAsync("x", Cancel).OrFail());

        Assert.InRange(clock.Elapsed, Short - TimeSpan.FromMilliseconds(20), Short + TimeSpan.FromSeconds(20));
    }
}

public sealed class DeadlineTestsInMemory(MemoryBroker broker) : DeadlineTests(broker), IClassFixture<MemoryBroker>;

public sealed class DeadlineTestsOnRabbitMq(SharedRabbit broker) : DeadlineTests(broker);
