using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>Introspection by peers that do not know the contract.</summary>
public abstract class DescribeTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task A_server_describes_its_contract()
    {
        await (await ConnectAsync()).ServeAsync<ICourier>(new Courier(), ServerOptions, Cancel);

        RpcServiceDescription description = await (await ConnectAsync()).DescribeAsync(Queue, Cancel).OrFail();

        Assert.Equal((1, "RpcGen.EndToEnd.Tests.Contracts.ICourier", Queue), (description.ProtocolVersion, description.Service.Contract, description.Service.Queue));
        Assert.Equal(
            ["Ask", "AskUrgently", "AskDurably", "Send", "Toss", "SendIdempotently", "SendOnce", "SendDurably", "SendBriefly", "Announce", "AnnounceIdempotently"],
            description.Methods.Select(method => method.Name));
        Assert.Equal(["AskDurably", "SendDurably"], Names(method => method.IsDurable));
        Assert.Equal(["AskUrgently"], Names(method => method.Priority == 7));
        Assert.Equal(["SendIdempotently", "AnnounceIdempotently"], Names(method => method.IsIdempotent));
        Assert.Equal(["SendOnce"], Names(method => method.IsAtMostOnce));
        Assert.Equal(["Announce", "AnnounceIdempotently"], Names(method => method.IsBroadcast));
        Assert.Equal(8, description.Methods.Count(method => method.IsOneWay));
        Assert.Equal(TimeSpan.FromMilliseconds(300), description.Methods.Single(method => method.Name == "SendBriefly").Timeout);
        Assert.Equal(TimeSpan.FromSeconds(30), description.Methods[0].Timeout);
        Assert.Null(description.Methods.Single(method => method.Name == "Send").Result);

        string[] Names(Func<RpcMethodDescription, bool> which) => [.. description.Methods.Where(which).Select(method => method.Name)];
    }

    [Fact]
    public async Task Arguments_and_results_are_described_by_JSON_Schema()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel);

        RpcServiceDescription description = await (await ConnectAsync()).DescribeAsync(Queue, Cancel).OrFail();

        AssertJson("""{"type":"object","properties":{"a":{"type":"integer","format":"int32"},"b":{"type":"integer","format":"int32"}},"required":["a","b"]}""", Method("Add").Arguments);
        AssertJson("""{"type":"integer","format":"int32"}""", Method("Add").Result!.Value);
        AssertJson("""{"type":"object","properties":{}}""", Method("Recall").Arguments);
        JsonElement join = Method("Join").Arguments;
        Assert.Equal(["left", "right", "times", "day"], join.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.False(join.TryGetProperty("required", out _));
        AssertJson("""{"$ref":"#/$defs/Order"}""", Method("Echo").Arguments.GetProperty("properties").GetProperty("order"));
        JsonElement order = JsonElement.Parse(description.Utf8Json.Span).GetProperty("$defs").GetProperty("Order").GetProperty("properties");
        Assert.Equal(["customer", "lines", "placedAt", "range"], order.EnumerateObject().Select(property => property.Name));

        RpcMethodDescription Method(string name) => description.Methods.Single(method => method.Name == name);
    }

    [Fact]
    public async Task Recursive_types_are_described()
    {
        await (await ConnectAsync()).ServeAsync<IGardener>(new Gardener(), ServerOptions, Cancel);

        RpcServiceDescription description = await (await ConnectAsync()).DescribeAsync(Queue, Cancel).OrFail();

        RpcMethodDescription method = Assert.Single(description.Methods);
        Assert.Equal(["dry"], method.Faults.Keys);
        AssertReferencesLead(JsonElement.Parse(description.Utf8Json.Span));
    }

    [Fact]
    public async Task A_server_describes_its_instance()
    {
        await (await ConnectAsync()).ServeAsync<ICourier>(new Courier(), ServerOptions, Cancel);
        RpcConnection connection = await ConnectAsync();

        RpcServiceDescription description = await connection.DescribeAsync(Queue, Cancel).OrFail();
        RpcPing ping = await connection.PingAsync(Queue, Cancel).OrFail();

        Assert.Equivalent(description.Service, ping.Service);
        Assert.Equal((Environment.ProcessId, Environment.MachineName), (ping.Service.Instance.ProcessId, ping.Service.Instance.HostName));
        Assert.NotEmpty(ping.Service.Instance.ProcessName);
        Assert.Equal(16, ping.Service.Instance.Id.Length);
        Assert.StartsWith("RpcGen/", ping.Service.Instance.Software, StringComparison.Ordinal);
        Assert.InRange(ping.Service.Instance.StartedAt, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow);
        Assert.InRange(ping.RoundTrip, TimeSpan.Zero, Wait.Bound);
    }

    [Fact]
    public async Task A_missing_queue_is_reported_at_once()
    {
        RpcConnection connection = await ConnectAsync();

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => connection.PingAsync(Queue, Cancel).OrFail());

        Assert.Equal(Queue, unavailable.Queue);
        await Assert.ThrowsAsync<ArgumentException>(() => connection.PingAsync("", Cancel));
    }

    [Fact]
    public async Task A_question_in_the_queue_waits_until_a_call_ends()
    {
        var release = new TaskCompletionSource<string>();
        var courier = new Courier((_, _) => release.Task);
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 }, Cancel);
        await (await ConnectAsync()).CreateClient<ICourier>(ClientOptions).SendAsync("x", Cancel).OrFail();
        await Wait.UntilAsync(() => courier.Got.Length == 1, "its place is taken");
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "{}", type: "$ping");
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Ready == 1, "the question waits");
        Assert.Equal(0, peer.ReceivedCount);
        release.SetResult("");

        Assert.Null((await peer.NextAsync()).Type);
    }

    [Fact]
    public async Task A_policy_guards_the_description()
    {
        var vault = new Vault();
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(ServerOptions) { Authorizer = new KnownUsers(vault), DescriptionPolicy = "insiders" }, Cancel);
        RpcConnection unknown = await ConnectAsync();
        RpcConnection known = await ConnectAsync(new RpcConnectionOptions { SendBrokerUser = true });

        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => unknown.DescribeAsync(Queue, Cancel).OrFail());
        Assert.True(refused.IsUnauthenticated);
        Assert.NotEmpty((await unknown.PingAsync(Queue, Cancel).OrFail()).Service.Instance.Id);
        Assert.Equal(Queue, (await known.DescribeAsync(Queue, Cancel).OrFail()).Service.Queue);
    }

    [Fact]
    public async Task Descriptions_follow_the_protocol()
    {
        await (await ConnectAsync()).ServeAsync<ICourier>(new Courier(), ServerOptions, Cancel);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, "", type: "$ping", correlationId: "a", contentType: null);
        Received ping = await peer.NextAsync();
        await peer.SendAsync(Queue, "{}", type: "$describe", correlationId: "b");
        Received description = await peer.NextAsync();
        await peer.SendAsync(Queue, "{}", type: "$nonsense", correlationId: "c");
        Received other = await peer.NextAsync();

        Assert.Equal((null, "a", "application/json"), (ping.Type, ping.CorrelationId, ping.ContentType));
        Assert.Equal(["queue", "contract", "version", "digest", "instance"], JsonNode.Parse(ping.Body)!.AsObject().Select(member => member.Key));
        Assert.Equal((null, "b"), (description.Type, description.CorrelationId));
        JsonObject described = JsonNode.Parse(description.Body)!.AsObject();
        Assert.Equal(["$schema", "protocol", "contract", "version", "queue", "digest", "instance", "summary", "deprecated", "$defs", "methods"], described.Select(member => member.Key));
        Assert.Equal(
            ["name", "summary", "deprecated", "timeout", "cancellable", "oneWay", "broadcast", "idempotent", "atMostOnce", "durable", "priority", "policies", "faults", "faultData", "arguments", "result"],
            described["methods"]![0]!.AsObject().Select(member => member.Key));
        Assert.Equal("unsupported", other.FaultCode);
    }

    [Fact]
    public async Task A_server_without_introspection_is_recognized()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        RpcConnection connection = await ConnectAsync();

        Task<RpcPing> call = connection.PingAsync(Queue, Cancel);
        Received question = await server.NextAsync();
        await server.Channel.PublishAsync(
            new Transport.OutgoingMessage
            {
                Exchange = "",
                RoutingKey = question.ReplyTo!,
                Type = "fault",
                ContentType = "application/problem+json",
                CorrelationId = new Transport.CorrelationId(question.CorrelationId),
                Body = """{"type":"urn:rpcgen:fault:unsupported","detail":"never heard of it"}"""u8.ToArray(),
            },
            Cancel);

        Assert.Equal(("$ping", "{}"), (question.Type, question.Body));
        Assert.Contains("never heard of it", (await Assert.ThrowsAsync<RpcProtocolException>(() => call.OrFail())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bare_style_has_no_introspection()
    {
        await (await ConnectAsync()).ServeAsync<IBareEcho>(new BareEcho(), ServerOptions, Cancel);
        RpcConnection connection = await ConnectAsync();

        var unsupported = await Assert.ThrowsAsync<RpcProtocolException>(() => connection.PingAsync(Queue, Cancel).OrFail());

        Assert.Contains("'$ping'", unsupported.Message, StringComparison.Ordinal);
    }

    private static void AssertJson(string expected, JsonElement actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual.GetRawText())), actual.GetRawText());

    /// <summary>Every reference points to an element of its own document.</summary>
    private static void AssertReferencesLead(JsonElement schema)
    {
        int count = 0;
        Look(schema);
        Assert.True(count > 0, schema.GetRawText());

        void Look(JsonElement node)
        {
            if (node.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement element in node.EnumerateArray())
                {
                    Look(element);
                }
            }
            else if (node.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty member in node.EnumerateObject())
                {
                    if (member.Name == "$ref")
                    {
                        count++;
                        JsonElement target = schema;
                        foreach (string step in member.Value.GetString()!.Split('/').Skip(1))
                        {
                            target = target.ValueKind == JsonValueKind.Array ? target[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)] : target.GetProperty(step);
                        }

                        Assert.Contains("branches", target.GetRawText(), StringComparison.Ordinal);
                    }

                    Look(member.Value);
                }
            }
        }
    }

    private sealed class KnownUsers(Vault vault) : IRpcAuthorizer
    {
        public ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy) => policy == "insiders" ? new(context.BrokerUser is not null) : vault.IsAllowedAsync(context, policy);
    }
}

public sealed class DescribeTestsInMemory(MemoryBroker broker) : DescribeTests(broker), IClassFixture<MemoryBroker>;

public sealed class DescribeTestsOnRabbitMq(SharedRabbit broker) : DescribeTests(broker);
