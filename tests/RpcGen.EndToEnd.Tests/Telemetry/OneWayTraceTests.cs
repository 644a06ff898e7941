using System.Diagnostics;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Delivery;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>One-way calls are traced and measured like other calls.</summary>
public abstract class OneWayTraceTests(ITestBroker broker) : DeliveryTest(broker)
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
            Assert.Equal(Queue, sent.GetTagItem("server.address"));
        }
    }

    [Fact]
    public async Task A_request_that_the_broker_refuses_is_the_calls_failure()
    {
        ICourier client = await CreateClientAsync();
        using var spans = Spans.Collect();
        using var measurements = new Measurements();

        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.SendAsync("x", Cancel));

        Activity span = Assert.Single(await spans.WaitAsync(1));
        Assert.Equal((ActivityStatusCode.Error, typeof(RpcUnavailableException).FullName), (span.Status, span.GetTagItem("error.type")));
        Assert.Single(measurements.Points("rpc.client.call.duration", ("rpc.method", $"{Service}/Send"), ("error.type", typeof(RpcUnavailableException).FullName!)));
    }
}

[Collection(ListensToAll.Name)]
public sealed class OneWayTraceTestsInMemory(MemoryBroker broker) : OneWayTraceTests(broker), IClassFixture<MemoryBroker>;

[Collection(ListensToAll.Name)]
public sealed class OneWayTraceTestsOnRabbitMq(SharedRabbit broker) : OneWayTraceTests(broker);
