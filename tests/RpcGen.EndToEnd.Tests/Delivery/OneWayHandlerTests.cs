using System.Globalization;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>One-way requests are settled by the outcome of their handler.</summary>
public abstract class OneWayHandlerTests(ITestBroker broker) : DeliveryTest(broker)
{
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
}

public sealed class OneWayHandlerTestsInMemory(MemoryBroker broker) : OneWayHandlerTests(broker), IClassFixture<MemoryBroker>;

public sealed class OneWayHandlerTestsOnRabbitMq(SharedRabbit broker) : OneWayHandlerTests(broker);
