using System.Diagnostics;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>One-way calls have metadata, a user and a trace like other calls.</summary>
public abstract class OneWayTelemetryTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task One_way_calls_carry_metadata_user_and_trace()
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var courier = new Courier((text, _) =>
        {
            seen.TrySetResult($"{text} {RpcCallContext.Current!.Metadata["tenant"]} {RpcCallContext.Current.BrokerUser} {Activity.Current!.ParentSpanId}");
            return Task.FromResult("");
        });
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);
        ICourier client = (await ConnectAsync(new RpcConnectionOptions { SendBrokerUser = true })).CreateClient<ICourier>(ClientOptions);
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
    public async Task Failures_of_one_way_calls_are_reported_on_both_sides()
    {
        RpcServer server = await (await ConnectAsync()).ServeAsync<ICourier>(
            new Courier((text, _) => throw (text == "denied" ? new RpcAccessDeniedException("No.") : new InvalidOperationException("Secret."))), ServerOptions, Cancel);
        ICourier client = (await ConnectAsync()).CreateClient<ICourier>(ClientOptions);
        using var spans = Spans.Collect();

        await client.SendAsync("denied", Cancel);
        await client.SendAsync("failed", Cancel);
        Activity[] ended = await spans.WaitAsync(4);
        await server.StopAsync(Cancel);
        await Broker.DeleteQueueAsync(Queue);
        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.SendAsync("returned", Cancel));

        Assert.Equal(
            [("internal", "internal"), ("permission-denied", null)],
            ended.Where(span => span.Kind == ActivityKind.Server).Select(span => ((string?)span.GetTagItem("rpc.status_code"), (string?)span.GetTagItem("error.type"))).Order());
        Activity returned = Assert.Single(await spans.WaitAsync(5), span => span.Status == ActivityStatusCode.Error && span.Kind == ActivityKind.Client);
        Assert.Equal("RpcGen.RpcUnavailableException", returned.GetTagItem("error.type"));
        Assert.Equal(1, Log.Count(49));
    }
}

[Collection(ListensToAll.Name)]
public sealed class OneWayTelemetryTestsInMemory(MemoryBroker broker) : OneWayTelemetryTests(broker), IClassFixture<MemoryBroker>;

[Collection(ListensToAll.Name)]
public sealed class OneWayTelemetryTestsOnRabbitMq(SharedRabbit broker) : OneWayTelemetryTests(broker);
