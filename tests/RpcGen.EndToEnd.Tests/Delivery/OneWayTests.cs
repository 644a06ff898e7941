using System.Globalization;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>One-way calls.</summary>
public abstract class OneWayTests(ITestBroker broker) : DeliveryTest(broker)
{
    [Fact]
    public async Task The_caller_waits_for_the_broker_and_not_for_the_handler()
    {
        var release = new TaskCompletionSource<string>();
        var courier = new Courier((_, _) => release.Task);
        await ServeAsync(courier);
        ICourier client = await CreateClientAsync();

        await client.SendAsync("x", Cancel).OrFail();
        await Wait.UntilAsync(() => courier.Got is ["x"], "it runs");

        if ((await QueueStateAsync()).Unacknowledged is { } unacknowledged)
        {
            Assert.Equal(1, unacknowledged); // acknowledged only after it has run
        }

        release.SetResult("");
        await UntilQueueIsEmptyAsync();
        Assert.Equal(0, Log.Count(41) + Log.Count(43) + Log.Count(47));
    }

    [Fact]
    public async Task The_request_has_no_reply_address_and_no_expiration()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ICourier client = await CreateClientAsync();

        await client.SendAsync("x", Cancel).OrFail();
        await client.TossAsync("y", Cancel);

        foreach ((string type, string text) in new[] { ("Send", "x"), ("Toss", "y") })
        {
            Received request = await server.NextAsync();
            Assert.Equal((type, null, null, "application/json", $"{{\"text\":\"{text}\"}}"), (request.Type, request.ReplyTo, request.Expiration, request.ContentType, request.Body));
            Assert.Equal(16, request.CorrelationId!.Length);
            Assert.NotEqual(0, request.Timestamp);
        }
    }

    [Fact]
    public async Task Handlers_see_the_callers_metadata()
    {
        var seen = new TaskCompletionSource<string>();
        await ServeAsync(new Courier((_, _) =>
        {
            seen.TrySetResult(RpcCallContext.Current!.Metadata["tenant"]);
            return Task.FromResult("");
        }));

        await (await CreateClientAsync()).With(metadata: new() { ["tenant"] = "acme" }).SendAsync("x", Cancel).OrFail();

        Assert.Equal("acme", await seen.Task.OrFail());
    }

    [Fact]
    public async Task Many_one_way_calls_can_be_under_way()
    {
        const int count = 2_000;
        var courier = new Courier();
        await ServeAsync(courier);
        ICourier client = await CreateClientAsync();

        await Task.WhenAll(Enumerable.Range(0, count).Select(i => client.SendAsync(i.ToString(CultureInfo.InvariantCulture), Cancel))).OrFail();

        await Wait.UntilAsync(() => courier.Got.Length >= count, "all have run");
        Assert.Equal(Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal), courier.Got.Order(StringComparer.Ordinal));
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_missing_queue_is_reported_at_once()
    {
        ICourier client = (await CreateClientAsync()).With(timeout: Timeout.InfiniteTimeSpan);

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.SendAsync("x", Cancel).OrFail());

        Assert.Equal(Queue, unavailable.Queue);
        Assert.Contains($"has no queue '{Queue}' (312 NO_ROUTE)", unavailable.Message, StringComparison.Ordinal);
        Assert.Contains("'Send'", unavailable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_queue_that_rejects_messages_fails_the_call_at_once()
    {
        await Broker.DeclareQueueAsync(Queue, maxLength: 1);
        ICourier client = (await CreateClientAsync()).With(timeout: Timeout.InfiniteTimeSpan);
        await client.SendAsync("fits", Cancel).OrFail();

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.SendAsync("x", Cancel).OrFail());

        Assert.Equal(Queue, unavailable.Queue);
        Assert.Contains($"queue '{Queue}'", unavailable.Message, StringComparison.Ordinal);
        Assert.Contains("reject-publish", unavailable.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await QueueStateAsync()).Ready);
    }

    [Fact]
    public async Task Without_confirmation_no_failure_is_reported()
    {
        var courier = new Courier();
        ICourier client = await CreateClientAsync();
        await client.TossAsync("to nobody", Cancel);
        await ServeAsync(courier);

        await client.TossAsync("x", Cancel);

        await Wait.UntilAsync(() => courier.Got is ["x"], "it runs");
    }

    [Fact]
    public async Task A_queue_without_consumers_keeps_the_request()
    {
        await DeclareUnservedAsync();
        ICourier client = await CreateClientAsync();

        await client.SendBrieflyAsync("x", Cancel).OrFail();
        await Task.Delay(600, Cancel); // longer than the handler's timeout: the wait in the queue does not count
        Assert.Equal(1, (await QueueStateAsync()).Ready);
        var courier = new Courier();
        await ServeAsync(courier);

        await Wait.UntilAsync(() => courier.Got is ["x"], "it runs");
    }

    [Fact]
    public async Task A_queue_without_consumers_fails_the_call_with_FailFast()
    {
        await DeclareUnservedAsync();
        ICourier client = await CreateClientAsync();

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.With(failFast: true).SendAsync("x", Cancel).OrFail());

        Assert.Contains("has no consumer", unavailable.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await QueueStateAsync()).Ready);
    }

    [Fact]
    public async Task Arguments_are_checked_before_sending()
    {
        ICourier client = await CreateClientAsync();

        await Assert.ThrowsAsync<RpcValidationException>(() => client.SendAsync(new string('x', 101), Cancel).OrFail());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync("x", new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task The_request_of_a_handler_that_throws_is_logged_and_dead_lettered()
    {
        var courier = new Courier((text, _) => text == "bad" ? throw new InvalidOperationException("out of stamps") : Task.FromResult(text));
        await ServeWithDeadLettersAsync(courier);
        ICourier client = await CreateClientAsync();

        await client.SendAsync("bad", Cancel).OrFail();
        await client.SendAsync("good", Cancel).OrFail();

        await UntilDeadAsync(1);
        await UntilQueueIsEmptyAsync();
        Assert.Equal(["bad", "good"], courier.Got.Order());
        Assert.Equal((1, 0), (Log.Count(47), Log.Count(40)));
        Assert.Contains(Log.Lines, line => line.StartsWith("[47]", StringComparison.Ordinal) && line.Contains("out of stamps", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_handler_that_exceeds_the_timeout_is_cancelled_and_fails()
    {
        var courier = new Courier(async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return "";
        });
        await ServeWithDeadLettersAsync(courier);
        ICourier client = await CreateClientAsync();

        await client.SendBrieflyAsync("x", Cancel).OrFail();

        await UntilDeadAsync(1);
        Assert.Equal(1, Log.Count(47));
    }

    [Fact]
    public async Task Requests_that_cannot_run_are_dead_lettered()
    {
        var courier = new Courier();
        await ServeWithDeadLettersAsync(courier);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"text\":null}", type: "Send", replyTo: null);
        await peer.SendAsync(Queue, "no JSON", type: "Send", replyTo: null);
        await peer.SendAsync(Queue, "{}", type: "Sned", replyTo: null);
        await peer.SendAsync(Queue, "{\"text\":\"x\"}", type: "Send", replyTo: null, contentType: "image/png");

        await UntilDeadAsync(4);
        await UntilQueueIsEmptyAsync();
        Assert.Empty(courier.Got);
        Assert.Equal(4, Log.Count(48));
    }

    [Fact]
    public async Task Every_request_is_settled_once_when_some_are_rejected()
    {
        const int count = 500;
        var courier = new Courier(async (text, _) =>
        {
            await Task.Yield();
            return text.EndsWith('7') ? throw new InvalidOperationException(text) : text;
        });
        await ServeWithDeadLettersAsync(courier);
        ICourier client = await CreateClientAsync();

        await Task.WhenAll(Enumerable.Range(0, count).Select(i => client.SendAsync(i.ToString(CultureInfo.InvariantCulture), Cancel))).OrFail();

        await UntilDeadAsync(count / 10);
        await UntilQueueIsEmptyAsync();
        Assert.Equal(count, courier.Got.Length);
        Assert.DoesNotContain(Log.Lines, line => line.StartsWith("[1]", StringComparison.Ordinal)); // no channel was closed
    }

    [Fact]
    public async Task A_one_way_request_with_a_reply_address_is_answered()
    {
        var courier = new Courier((text, _) => text == "bad" ? throw new InvalidOperationException() : Task.FromResult(text));
        await ServeAsync(courier);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{\"text\":\"x\"}", type: "Send", correlationId: "a");
        Received reply = await peer.NextAsync();
        await peer.SendAsync(Queue, "{\"text\":\"bad\"}", type: "Send", correlationId: "b");
        Received fault = await peer.NextAsync();
        await peer.SendAsync(Queue, "{}", type: "Send", correlationId: "c");
        Received violation = await peer.NextAsync();

        Assert.Equal((null, "a", ""), (reply.Type, reply.CorrelationId, reply.Body));
        Assert.Equal(("b", "internal"), (fault.CorrelationId, fault.FaultCode));
        Assert.Equal(("c", "validation"), (violation.CorrelationId, violation.FaultCode));
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task At_most_once_requests_are_acknowledged_before_they_run()
    {
        var courier = new Courier((_, _) => throw new InvalidOperationException());
        await ServeWithDeadLettersAsync(courier);
        ICourier client = await CreateClientAsync();

        await client.SendOnceAsync("x", Cancel).OrFail();

        await Wait.UntilAsync(() => Log.Count(47) == 1, "it failed");
        await UntilQueueIsEmptyAsync();
        Assert.Equal(0, (await Broker.FindQueueAsync(DeadLetters))!.Ready);
    }

    [Fact]
    public async Task A_stopping_server_lets_one_way_calls_finish()
    {
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource<string>();
        var courier = new Courier((_, _) =>
        {
            started.TrySetResult();
            return release.Task;
        });
        RpcServer server = await ServeAsync(courier);
        await (await CreateClientAsync()).SendAsync("x", Cancel).OrFail();
        await started.Task.OrFail();

        Task stopping = server.StopAsync(Cancel);
        Assert.False(stopping.IsCompleted);
        release.SetResult("");
        await stopping.OrFail();

        await UntilQueueIsEmptyAsync();
        Assert.Equal(["x"], courier.Got);
    }

    [Fact]
    public async Task Calls_that_exceed_the_grace_period_go_to_another_server()
    {
        var started = new TaskCompletionSource();
        var courier = new Courier(async (_, token) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return "";
        });
        RpcServer server = await ServeAsync(courier, new RpcServerOptions(ServerOptions) { GracePeriod = TimeSpan.FromMilliseconds(100) });
        await (await CreateClientAsync()).SendAsync("x", Cancel).OrFail();
        await started.Task.OrFail();

        await server.StopAsync(Cancel).OrFail();
        var other = new Courier();
        await ServeAsync(other);

        await Wait.UntilAsync(() => other.Got is ["x"], "the other has run it");
        Assert.Equal(0, Log.Count(47));
    }

    [Fact]
    public async Task A_disposed_client_sends_nothing()
    {
        RpcConnection connection = await ConnectAsync();
        ICourier client = connection.CreateClient<ICourier>(ClientOptions);
        await connection.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.SendAsync("x", Cancel).OrFail());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.TossAsync("x", Cancel).AsTask().OrFail());
    }
}

public sealed class OneWayTestsInMemory(MemoryBroker broker) : OneWayTests(broker), IClassFixture<MemoryBroker>;

public sealed class OneWayTestsOnRabbitMq(SharedRabbit broker) : OneWayTests(broker);
