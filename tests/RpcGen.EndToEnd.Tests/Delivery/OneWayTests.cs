using System.Globalization;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>One-way calls as their caller sees them.</summary>
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
    public async Task Arguments_are_checked_before_sending()
    {
        ICourier client = await CreateClientAsync();

        await Assert.ThrowsAsync<RpcValidationException>(() => client.SendAsync(new string('x', 101), Cancel).OrFail());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync("x", new CancellationToken(canceled: true)));
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
