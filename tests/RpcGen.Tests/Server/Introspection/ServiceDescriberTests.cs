using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Introspection;

namespace RpcGen.Tests.Server.Introspection;

public sealed class ServiceDescriberTests
{
    private readonly TestServer _server = new();

    [Fact]
    public void A_ping_is_answered_with_the_instance()
    {
        JsonElement answer = Answer(MessageKind.Ping, TestMethod.Create("m")).GetProperty("instance");

        Assert.Equal("0000000000000001", answer.GetProperty("id").GetString());
        Assert.Equal(Environment.ProcessId, answer.GetProperty("processId").GetInt32());
        Assert.Equal(Environment.MachineName, answer.GetProperty("host").GetString());
        Assert.StartsWith("RpcGen/", answer.GetProperty("software").GetString(), StringComparison.Ordinal);
        Assert.Equal(_server.Time.GetUtcNow(), answer.GetProperty("startedAt").GetDateTimeOffset());
    }

    [Fact]
    public void A_description_has_contract_instance_and_methods()
    {
        JsonElement answer = Answer(MessageKind.Describe, TestMethod.Create("m"));

        Assert.Equal(("Demo.IService", "1.2.3", "q", 1), (Text("contract"), Text("version"), Text("queue"), answer.GetProperty("protocol").GetInt32()));
        Assert.Equal("0000000000000001", answer.GetProperty("instance").GetProperty("id").GetString());

        string? Text(string name) => answer.GetProperty(name).GetString();
    }

    [Fact]
    public void Statistics_say_whose_they_are()
    {
        JsonElement answer = Answer(MessageKind.Stats, TestMethod.Create("m"), isGuarded: true);

        Assert.Equal(["queue", "contract", "version", "digest", "instance", "places"], answer.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("q", "Demo.IService", "1.2.3"), (answer.GetProperty("queue").GetString(), answer.GetProperty("contract").GetString(), answer.GetProperty("version").GetString()));
        Assert.Equal(Answer(MessageKind.Ping, TestMethod.Create("m")).GetProperty("digest").GetString(), answer.GetProperty("digest").GetString());
        Assert.Equal(7, answer.GetProperty("places").GetInt32());
    }

    [Fact]
    public void A_ping_of_a_guarded_server_does_not_name_the_contract()
    {
        JsonElement answer = Answer(MessageKind.Ping, TestMethod.Create("m"), isGuarded: true);

        Assert.Equal(("", ""), (answer.GetProperty("contract").GetString(), answer.GetProperty("digest").GetString()));
    }

    [Fact]
    public void A_method_is_described_with_its_promises_and_schemas()
    {
        JsonElement method = Answer(MessageKind.Describe, TestMethod.Create("m", json => new TestMethod(json, "m") { AtMostOnce = true, RequiredPolicies = ["p"] }))
            .GetProperty("methods")[0];

        Assert.Equal("m", method.GetProperty("name").GetString());
        Assert.True(method.GetProperty("atMostOnce").GetBoolean());
        Assert.Equal("p", method.GetProperty("policies")[0].GetString());
        Assert.Equal("string", method.GetProperty("arguments").GetProperty("properties").GetProperty("text").GetProperty("type").GetString());
        Assert.True(method.TryGetProperty("result", out _));
        Assert.Equal(30_000, method.GetProperty("timeout").GetInt32());
    }

    [Fact]
    public void A_method_without_time_limit_has_none()
    {
        JsonElement method = Answer(MessageKind.Describe, TestMethod.Create("m", json => new TestMethod(json, "m") { Limit = Timeout.InfiniteTimeSpan })).GetProperty("methods")[0];

        Assert.False(method.TryGetProperty("timeout", out JsonElement timeout) && timeout.ValueKind != JsonValueKind.Null);
    }

    private JsonElement Answer(MessageKind question, RpcMethod method, bool isGuarded = false)
    {
        var describer = new ServiceDescriber(_server.Settings.Contract, "q", [method], _server.Environment, writer => writer.WriteNumber("places", 7), isGuarded);
        var reply = new PooledBuffer();
        describer.Answer(question, reply);
        return JsonElement.Parse(reply.Written.Span);
    }
}
