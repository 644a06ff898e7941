using System.Diagnostics;
using RpcGen.EndToEnd.Tests.Contracts;
<<<<<<< HEAD
using RpcGen.EndToEnd.Tests.Delivery;
=======
>>>>>>> context
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Telemetry;

<<<<<<< HEAD
/// <summary>One-way calls are traced and measured like others, though their callers do not wait.</summary>
public abstract class OneWayTelemetryTests(ITestBroker broker) : DeliveryTest(broker)
{
    private const string Service = "RpcGen.EndToEnd.Tests.Contracts.Courier";

    [Fact]
    public async Task Caller_and_handler_are_one_trace()
    {
        await ServeAsync(new Courier((text, _) => text == "bad" ? throw new InvalidOperationException() : Task.FromResult(text)));
        ICourier client = await CreateClientAsync();
        using var spans = Spans.Collect();

        await client.SendAsync("good", Cancel);
        await client.TossAsync("bad", Cancel);

        Activity[] all = await spans.WaitAsync(4);
        foreach ((string method, ActivityStatusCode status) in new[] { ("Send", ActivityStatusCode.Unset), ("Toss", ActivityStatusCode.Error) })
        {
            Activity sent = Assert.Single(all, span => span.Kind == ActivityKind.Client && span.DisplayName == $"{Service}/{method}");
            Activity run = Assert.Single(all, span => span.Kind == ActivityKind.Server && span.DisplayName == $"{Service}/{method}");
            Assert.Equal(spans.Root.SpanId, sent.ParentSpanId);
            Assert.Equal(sent.SpanId, run.ParentSpanId);
            Assert.Equal((ActivityStatusCode.Unset, status), (sent.Status, run.Status));
            Assert.Equal(sent.GetTagItem("messaging.message.conversation_id"), run.GetTagItem("messaging.message.conversation_id"));
            Assert.Equal(Broker is RabbitNode ? new Uri(Broker.Url).Port : null, sent.GetTagItem("server.port"));
        }
    }

    [Fact]
    public async Task What_the_broker_does_not_take_is_the_calls_failure()
    {
        ICourier client = await CreateClientAsync();
        using var spans = Spans.Collect();
        using var measurements = new Measurements();

        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.SendAsync("x", Cancel));

        Activity span = Assert.Single(await spans.WaitAsync(1));
        Assert.Equal((ActivityStatusCode.Error, typeof(RpcUnavailableException).FullName), (span.Status, span.GetTagItem("error.type")));
        Assert.Single(measurements.Points("rpc.client.call.duration", ("rpc.method", $"{Service}/Send"), ("error.type", typeof(RpcUnavailableException).FullName!)));
=======
/// <summary>Calls that nobody waits for have metadata, a user and a trace all the same.</summary>
public abstract class OneWayTelemetryTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task They_are_traced_and_carry_what_others_do()
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var courier = new Courier((text, _) =>
        {
            seen.TrySetResult($"{text} {RpcCallContext.Current!.Metadata["tenant"]} {RpcCallContext.Current.UserId} {Activity.Current!.ParentSpanId}");
            return Task.FromResult("");
        });
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);
        ICourier client = (await ConnectAsync(new RpcConnectionOptions { SendUserId = true })).CreateClient<ICourier>(ClientOptions);
        using var spans = Spans.Collect();

        await client.With(metadata: new() { ["tenant"] = "acme" }).SendAsync("hello", Cancel);

        Assert.Same(spans.Root, Activity.Current);
        string handled = await seen.Task.OrFail();
        Activity[] all = await spans.WaitAsync(2);
        Activity sent = Assert.Single(all, span => span.Kind == ActivityKind.Client);
        Assert.Equal($"hello acme guest {sent.SpanId}", handled);
        Assert.Equal(spans.Root.SpanId, sent.ParentSpanId);
        Assert.All(all, span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
        Assert.All(all, span => Assert.Equal(sent.GetTagItem("messaging.message.conversation_id"), span.GetTagItem("messaging.message.conversation_id")));
    }

    [Fact]
    public async Task Their_failures_are_told_on_both_sides()
    {
        RpcServer server = await (await ConnectAsync()).ServeAsync<ICourier>(
            new Courier((text, _) => throw (text == "denied" ? new RpcAccessDeniedException("No.") : new InvalidOperationException("Secret."))), ServerOptions, Cancel);
        ICourier client = (await ConnectAsync()).CreateClient<ICourier>(ClientOptions);
        using var spans = Spans.Collect();

        await client.SendAsync("denied", Cancel);
        await client.SendAsync("failed", Cancel);
        Activity[] ended = await spans.WaitAsync(4);
        await server.StopAsync();
        await Broker.DeleteQueueAsync(Queue);
        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.SendAsync("returned", Cancel));

        Assert.Equal(
            [("internal", "internal"), ("permission-denied", null)],
            ended.Where(span => span.Kind == ActivityKind.Server).Select(span => ((string?)span.GetTagItem("rpc.response.status_code"), (string?)span.GetTagItem("error.type"))).Order());
        Activity returned = Assert.Single(await spans.WaitAsync(5), span => span.Status == ActivityStatusCode.Error && span.Kind == ActivityKind.Client);
        Assert.Equal("RpcGen.RpcUnavailableException", returned.GetTagItem("error.type"));
        Assert.Equal(1, Log.Count(49));
>>>>>>> context
    }
}

[Collection(ListensToAll.Name)]
public sealed class OneWayTelemetryTestsInMemory(MemoryBroker broker) : OneWayTelemetryTests(broker), IClassFixture<MemoryBroker>;

[Collection(ListensToAll.Name)]
public sealed class OneWayTelemetryTestsOnRabbitMq(SharedRabbit broker) : OneWayTelemetryTests(broker);
