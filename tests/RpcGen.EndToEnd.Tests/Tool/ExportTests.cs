using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.Cli;
using RpcGen.Documents;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interop;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>Documents of running services.</summary>
public sealed class ExportTests(MemoryBroker broker, Peers peers) : EndToEndTest(broker), IClassFixture<MemoryBroker>, IClassFixture<Peers>
{
    [Fact]
    public async Task An_AsyncAPI_document_has_requests_replies_and_faults()
    {
        await ServeAsync<IKiosk>(new Kiosk());

        JsonNode document = await ExportAsync("asyncapi", Queue);

        Assert.Equal(("3.0.0", Queue), ((string?)document["asyncapi"], (string?)document["info"]!["title"]));
        Assert.Equal(Queue, (string?)document["channels"]!["requests"]!["address"]);
        Assert.Null(document["channels"]!["replies"]!["address"]);
        JsonNode place = document["operations"]!["Place"]!;
        Assert.Equal(("receive", "Finds a bill."), ((string?)place["action"], (string?)document["operations"]!["Find"]!["summary"]));
        Assert.Equal("""[{"$ref":"#/channels/requests/messages/Place"}]""", place["messages"]!.ToJsonString());
        Assert.Equal("""[{"$ref":"#/channels/replies/messages/PlaceResult"},{"$ref":"#/channels/replies/messages/PlaceFault"}]""", place["reply"]!["messages"]!.ToJsonString());
        Assert.Equal("$message.header#/replyTo", (string?)place["reply"]!["address"]!["location"]);
        Assert.Equal("""{"deliveryMode":1,"mandatory":true,"bindingVersion":"0.3.0","expiration":30000}""", place["bindings"]!["amqp"]!.ToJsonString());
        Assert.Equal("at-least-once", (string?)place["x-rpcgen"]!["delivery"]);
        JsonNode messages = document["components"]!["messages"]!;
        Assert.Equal("Place", (string?)messages["Place"]!["bindings"]!["amqp"]!["messageType"]);
        Assert.Equal("#/components/schemas/Bill", (string?)messages["PlaceResult"]!["payload"]!["$ref"]);
        JsonArray faults = messages["PlaceFault"]!["payload"]!["oneOf"]!.AsArray();
        Assert.Equal(["sold-out", "Any other fault"], faults.Select(fault => (string?)fault!["title"]));
        JsonNode declared = faults[0]!["allOf"]![1]!["properties"]!;
        Assert.Equal("urn:rpcgen:fault:sold-out", (string?)declared["type"]!["const"]);
        Assert.Equal(["article", "left"], declared["data"]!["properties"]!.AsObject().Select(member => member.Key));
        Assert.Equal("array", (string?)messages["WalkItems"]!["payload"]!["type"]);
        JsonNode goods = document["components"]!["schemas"]!["Goods"]!;
        Assert.Equal("$type", (string?)goods["discriminator"]);
        Assert.Equal("#/components/schemas/GoodsBook", (string?)goods["x-discriminator-mapping"]!["book"]);
        AssertReferencesLead(document);
    }

    [Fact]
    public async Task AsyncAPI_documents_are_valid_by_the_official_schema()
    {
        peers.SkipIfMissing();
        string folder = Directory.CreateTempSubdirectory("rpcgen-export").FullName;
        string[] queues = [Queue + ".kiosk", Queue + ".courier", Queue + ".feed", Queue + ".intake", Queue + ".shapes"];
        await ServeAsync<IKiosk>(new Kiosk(), queues[0]);
        await ServeAsync<ICourier>(new Courier(), queues[1]);
        await ServeAsync<IFeed>(new Feed((_, _) => throw new NotSupportedException()), queues[2]);
        await ServeAsync<IIntake>(new Intake((_, _, _) => throw new NotSupportedException(), (_, _, _) => throw new NotSupportedException()), queues[3]);
        await ServeAsync<IShapes>(new Shapes(), queues[4]);
        var files = new List<string>();
        foreach (string queue in queues)
        {
            files.Add(await SaveAsync(folder, queue));
        }

        files.Add(await SaveAsync(folder, queues));
        files.Add(await SaveAsync(folder, queues[0], "--view", "client", "--spec", "3.1.0"));
        string bad = Path.Combine(folder, "bad.json");
        await File.WriteAllTextAsync(bad, (await File.ReadAllTextAsync(files[0], Cancel)).Replace("\"address\": \"", "\"adress\": \"", StringComparison.Ordinal), Cancel);

        Outcome outcome = await peers.RunNodeAsync("asyncapi_validate.js", [.. files]);
        Outcome refused = await peers.RunNodeAsync("asyncapi_validate.js", bad);

        Assert.Equal(("", 0), (outcome.Output, outcome.ExitCode));
        Assert.Equal(1, refused.ExitCode); // the schema does refuse
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Several_services_share_a_document_without_sharing_names()
    {
        string other = Queue + ".other";
        await ServeAsync<IKiosk>(new Kiosk());
        await ServeAsync<IKiosk>(new Kiosk(), other);

        JsonNode document = await ExportAsync("asyncapi", Queue, other, "--title", "Both", "--view", "client");

        Assert.Equal("Both", (string?)document["info"]!["title"]);
        Assert.Equal([Queue + ".Place", other + ".Place"], document["operations"]!.AsObject().Select(operation => operation.Key).Where(key => key.EndsWith(".Place", StringComparison.Ordinal)));
        Assert.Equal("send", (string?)document["operations"]![other + ".Place"]!["action"]);
        AssertReferencesLead(document);
    }

    [Fact]
    public async Task One_way_calls_and_broadcasts_have_no_reply()
    {
        await ServeAsync<ICourier>(new Courier());

        JsonNode document = await ExportAsync("asyncapi", Queue);

        Assert.Null(document["operations"]!["Send"]!["reply"]);
        Assert.Null(document["operations"]!["Announce"]!["reply"]);
        Assert.Equal("#/channels/broadcasts", (string?)document["operations"]!["Announce"]!["channel"]!["$ref"]);
        Assert.Equal(Queue + ".broadcast", (string?)document["channels"]!["broadcasts"]!["bindings"]!["amqp"]!["exchange"]!["name"]);
    }

    [Fact]
    public async Task A_schema_document_has_types_arguments_and_results()
    {
        await ServeAsync<IKiosk>(new Kiosk());

        JsonNode all = await ExportAsync("schema", Queue);
        JsonNode one = await ExportAsync("schema", Queue, "find");

        Assert.Equal("https://json-schema.org/draft/2020-12/schema", (string?)all["$schema"]);
        Assert.Contains("PlaceFault.sold-out", all["$defs"]!.AsObject().Select(definition => definition.Key));
        Assert.Equal("#/$defs/Basket", (string?)all["$defs"]!["PlaceArguments"]!["properties"]!["basket"]!["$ref"]);
        Assert.Equal("#/$defs/GoodsBook", (string?)all["$defs"]!["Goods"]!["discriminator"]!["mapping"]!["book"]);
        Assert.Equal(["FindArguments", "FindResult"], one["$defs"]!.AsObject().Select(definition => definition.Key).Where(key => key.EndsWith("Arguments", StringComparison.Ordinal) || key.EndsWith("Result", StringComparison.Ordinal)));
        AssertReferencesLead(all);
    }

    [Fact]
    public async Task A_check_fails_once_the_contract_has_changed()
    {
        string file = Path.Combine(Directory.CreateTempSubdirectory("rpcgen-export").FullName, "asyncapi.json");
        await ServeAsync<IKiosk>(new Kiosk());
        Assert.Equal((0, ""), await RunAsync("export", "asyncapi", Queue, "-o", file));

        Assert.Equal((0, ""), await RunAsync("export", "asyncapi", Queue, "-o", file, "--check"));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Cancel)).Replace("\n", "\r\n", StringComparison.Ordinal), Cancel); // as Git can do
        Assert.Equal((0, ""), await RunAsync("export", "asyncapi", Queue, "-o", file, "--check"));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Cancel)).Replace("Finds a bill.", "Found", StringComparison.Ordinal), Cancel);
        Assert.Equal(1, (await RunAsync("export", "asyncapi", Queue, "-o", file, "--check")).Code);
        Assert.Equal(2, (await RunAsync("export", "asyncapi", Queue, "--check")).Code);
        Assert.Equal(2, (await RunAsync("export", "asyncapi", Queue, "-o", Path.Combine(file, "none"))).Code);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void Names_of_a_hostile_service_become_keys()
    {
        RpcServiceDescription hostile = Describe(
            """{"$defs":{"a/b":{"type":"object"},"a b":{"$ref":"#/$defs/a~1b"},"":{"$ref":"http://evil.example/x"},"t":{"discriminator":7,"oneOf":7,"properties":[],"items":{"$ref":3}}}}""",
            new() { Name = "../../x\n", Arguments = JsonElement.Parse("""{"properties":{"s":{"stream":true}}}""") },
            new() { Name = "../../x ", Faults = new Dictionary<string, JsonElement> { ["\u001b"] = default } },
            new() { Name = "#/$ref", Result = JsonElement.Parse("""{"$ref":"#/$defs/missing"}"""), Items = JsonElement.Parse("true") });

        JsonObject document = AsyncApiDocument.Create([hostile]);

        Assert.All([.. document["components"]!["schemas"]!.AsObject(), .. document["operations"]!.AsObject(), .. document["components"]!["messages"]!.AsObject()], member => Assert.Matches("^[A-Za-z0-9._-]+$", member.Key));
        Assert.Equal([".._.._x_", ".._.._x_2", "___ref"], document["operations"]!.AsObject().Select(operation => operation.Key));
        Assert.Equal("{}", document["components"]!["schemas"]!["_"]!.ToJsonString());
        Assert.DoesNotContain("evil", document.ToJsonString(), StringComparison.Ordinal);
        AssertReferencesLead(document);
        AssertReferencesLead(SchemaExport.Create(hostile, hostile.Methods));
    }

    private static RpcServiceDescription Describe(string json, params RpcMethodDescription[] methods) =>
        new() { Utf8Json = System.Text.Encoding.UTF8.GetBytes(json), Methods = methods, Service = new RpcServiceInstance { Queue = "q" } };

    private async Task ServeAsync<T>(T service, string? queue = null)
        where T : class, IRpcContract<T> => await (await ConnectAsync()).ServeAsync(service, new RpcServerOptions(ServerOptions) { Queue = queue ?? Queue }, Cancel);

    private async Task<JsonNode> ExportAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await RpcGen.Cli.Tool.RunAsync(["export", .. arguments, "--broker", Broker.Url], new ToolConsole(output, error, TextReader.Null), Cancel).OrFail();
        Assert.Equal((0, ""), (code, error.ToString()));
        return JsonNode.Parse(output.ToString())!;
    }

    private async Task<(int Code, string Out)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        int code = await RpcGen.Cli.Tool.RunAsync([.. arguments, "--broker", Broker.Url], new ToolConsole(output, TextWriter.Null, TextReader.Null), Cancel).OrFail();
        return (code, output.ToString());
    }

    private async Task<string> SaveAsync(string folder, string queue, params string[] options) => await SaveAsync(folder, [queue], options);

    private async Task<string> SaveAsync(string folder, string[] queues, params string[] options)
    {
        string file = Path.Combine(folder, Guid.NewGuid().ToString("N") + ".json");
        Assert.Equal(0, (await RunAsync(["export", "asyncapi", .. queues, "-o", file, .. options])).Code);
        return file;
    }

    /// <summary>Every reference leads to a part of the same document.</summary>
    private static void AssertReferencesLead(JsonNode document)
    {
        int count = 0;
        Look(document);
        Assert.True(count > 0);

        void Look(JsonNode? node)
        {
            foreach (JsonNode? child in node is JsonArray list ? list : (node as JsonObject)?.Select(member => member.Value) ?? [])
            {
                Look(child);
            }

            if (node is JsonObject members && members["$ref"] is JsonValue reference)
            {
                count++;
                JsonNode? target = document;
                foreach (string step in reference.GetValue<string>().Split('/').Skip(1))
                {
                    target = target?[step];
                }

                Assert.True(target is not null, reference.ToJsonString());
            }
        }
    }
}
