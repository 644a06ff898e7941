using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Invalid arguments are refused on both sides, before anything runs.</summary>
public abstract class ValidationTests(ITestBroker broker) : EndToEndTest(broker)
{
    private static readonly Shipment Good = new("Ada", [new("nut", 1.5m)], Payment: new CardPayment("4111111111111111"));
    private readonly Warehouse _warehouse = new();

    [Fact]
    public async Task The_client_refuses_invalid_arguments_with_every_violation_by_path()
    {
        IWarehouse client = await ServeAndConnectAsync();
        var bad = new Shipment("A", [new("nut", 1), new("", 100), new("bolt", 0.25m)], new Dictionary<string, ShipmentLine> { ["gift"] = new("x", 0) }, new CardPayment("12"));

        var refused = await Assert.ThrowsAsync<RpcValidationException>(() => client.PlaceAsync(10, "too long", bad, Cancel).OrFail());

        string[] paths =
        [
            "code", "shelf", "shipment.customer", "shipment.extras.gift.quantity", "shipment.lines[1].quantity", "shipment.lines[1].sku",
            "shipment.lines[2].quantity", "shipment.payment.number",
        ];
        Assert.Equal(paths, refused.Errors.Keys.Order(StringComparer.Ordinal));
        Assert.All(paths, path => Assert.Contains(path, refused.Message, StringComparison.Ordinal));
        Assert.All(refused.Errors.Values, messages => Assert.NotEmpty(messages));
        Assert.Equal(0, _warehouse.Calls);
    }

    [Fact]
    public async Task The_server_refuses_invalid_arguments_of_other_clients()
    {
        await ServeAndConnectAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, """{"shelf":0,"shipment":{"customer":"x","lines":[{"sku":"nut","quantity":0}],"payment":{"number":"1","$type":"card"}}}""", type: "Place");

        Received reply = await peer.NextAsync();
        Assert.Equal("validation", reply.FaultCode);
        JsonObject errors = JsonNode.Parse(reply.Body)!["errors"]!.AsObject();
        Assert.Equal(["code", "shelf", "shipment.customer", "shipment.lines[0].quantity", "shipment.payment.number"], errors.Select(error => error.Key).Order(StringComparer.Ordinal));
        Assert.Equal(0, _warehouse.Calls);
    }

    [Fact]
    public async Task Null_for_a_non_nullable_type_is_a_violation()
    {
        IWarehouse client = await ServeAndConnectAsync();

        var refused = await Assert.ThrowsAsync<RpcValidationException>(() => client.PlaceAsync(1, null!, Good with { Lines = [null!] }, Cancel).OrFail());

        Assert.Equal(["code", "shipment.lines[0]"], refused.Errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task IValidatableObject_is_called()
    {
        IWarehouse client = await ServeAndConnectAsync();

        var refused = await Assert.ThrowsAsync<RpcValidationException>(() => client.PlaceAsync(1, "a", Good with { Customer = "nobody" }, Cancel).OrFail());

        Assert.Equal(["Nobody orders nothing."], Assert.Single(refused.Errors).Value);
        Assert.Equal("shipment.customer", Assert.Single(refused.Errors).Key);
    }

    [Fact]
    public async Task Valid_arguments_are_accepted()
    {
        IWarehouse client = await ServeAndConnectAsync();

        Assert.Equal(1, await client.PlaceAsync(1, "a", Good, Cancel).OrFail());
        Assert.Equal(2, await client.PlaceAsync(9, "abcde", Good with { Payment = new CashPayment() }, Cancel).OrFail());
    }

    [Fact]
    public async Task Cycles_and_depth_beyond_64_are_violations()
    {
        IWarehouse client = await ServeAndConnectAsync();
        var cycle = new TreeNode();
        cycle.Children.Add(cycle);
        TreeNode deep = new();
        for (int i = 0; i < 100_000; i++)
        {
            deep = new TreeNode { Children = { deep } };
        }

        await Assert.ThrowsAsync<RpcValidationException>(() => client.CountAsync(cycle, Cancel).OrFail());
        await Assert.ThrowsAsync<RpcValidationException>(() => client.CountAsync(deep, Cancel).OrFail());
        var plain = new PlainNode();
        plain.Child = plain;
        await Assert.ThrowsAsync<RpcValidationException>(() => client.CountPlainAsync(plain, Cancel).OrFail());
        Assert.Equal(1, await client.CountAsync(new TreeNode { Children = { new TreeNode { Value = 100 } } }, Cancel).OrFail());
    }

    [Fact]
    public async Task A_wrong_type_is_reported_by_path()
    {
        await ServeAndConnectAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, """{"shelf":"1","code":"abcdef","shipment":{"customer":"Ada","lines":[{"sku":"nut","quantity":1},{"sku":"nut","quantity":"1"}]}}""", type: "Place");

        JsonObject errors = JsonNode.Parse((await peer.NextAsync()).Body)!["errors"]!.AsObject();
        Assert.Equal(["code", "shelf", "shipment.lines[1].quantity"], errors.Select(error => error.Key).Order(StringComparer.Ordinal));
    }

    private async Task<IWarehouse> ServeAndConnectAsync()
    {
        await (await ConnectAsync()).ServeAsync<IWarehouse>(_warehouse, ServerOptions, Cancel);
        return (await ConnectAsync()).CreateClient<IWarehouse>(ClientOptions);
    }
}

public sealed class ValidationTestsInMemory(MemoryBroker broker) : ValidationTests(broker), IClassFixture<MemoryBroker>;

public sealed class ValidationTestsOnRabbitMq(SharedRabbit broker) : ValidationTests(broker);
