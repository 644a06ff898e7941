using System.Text;
using System.Text.Json;
using RpcGen.Cli;
using RpcGen.Cli.Schemas;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Schemas;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>The tool asks services that its user need not trust.</summary>
public sealed class HostileServiceTests(MemoryBroker broker) : EndToEndTest(broker), IClassFixture<MemoryBroker>
{
    private const string Loops = """
        {"A":{"$ref":"#/$defs/A"},
         "B":{"anyOf":[{"$ref":"#/$defs/B"},{"$ref":"#/$defs/B"}]},
         "C":{"type":"object","properties":{"a":{"$ref":"#/$defs/C"},"b":{"$ref":"#/$defs/C"},"c":{"$ref":"#/$defs/C"},"d":{"$ref":"#/$defs/C"},"e":{"$ref":"#/$defs/C"}}}}
        """;

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    [InlineData("C")]
    public void Schemas_that_refer_to_themselves_end(string name)
    {
        var document = new SchemaDocument(Encoding.UTF8.GetBytes($$"""{"$defs":{{Loops}}}"""));
        JsonElement schema = JsonElement.Parse($$"""{"$ref":"#/$defs/{{name}}"}""");

        IReadOnlyList<string> violations = new SchemaValidator(document).Check(JsonElement.Parse("""{"a":{"a":{}}}"""), schema);
        string example = Skeleton.Of(schema, document)?.ToJsonString() ?? "";

        Assert.Empty(violations); // the server decides
        Assert.True(example.Length < 1_000_000, $"{example.Length} characters");
    }

    [Theory]
    [InlineData("describe", "Call")]
    [InlineData("call", "Call", "--skeleton")]
    [InlineData("export", "asyncapi")]
    [InlineData("export", "schema")]
    public async Task Endless_types_end(params string[] command)
    {
        (int code, string output, _) = await RunAsync(
            """{"$defs":LOOPS,"methods":[{"name":"Call","arguments":{"type":"object","properties":{"c":{"$ref":"#/$defs/C"},"a":{"$ref":"#/$defs/A"}}}}]}""".Replace("LOOPS", Loops, StringComparison.Ordinal), command);

        Assert.Equal(0, code);
        Assert.True(output.Length < 1_000_000, $"{output.Length} characters");
    }

    [Theory]
    [InlineData("""{"methods":[{"name":"Call","arguments":{"properties":{"a":{"enum":[1],"x-enum-varnames":["one","two"]}}}}]}""")]
    [InlineData("""{"methods":[{"name":"Call","arguments":{"properties":{"a":{"x-enum-varnames":["one"]}}}}]}""")]
    [InlineData("""{"methods":[{"name":"Call","arguments":{"properties":{"a":{"type":[7]}}}}]}""")]
    [InlineData("""{"methods":[{"name":"Call","arguments":{"properties":{"a":{"format":7}}}}]}""")]
    public async Task A_malformed_description_ends_in_one_line(string description)
    {
        (int code, _, string error) = await RunAsync(description, "describe", "Call");

        Assert.Equal(1, code);
        Assert.StartsWith("The answer cannot be used: ", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Names_and_texts_control_neither_terminal_nor_layout()
    {
        (int code, string output, _) = await RunAsync(
            """
            {"contract":"C\u001b[2J","methods":[{"name":"Call\nEvil() → forged","summary":"one\r\ntwo\u001b]0;x\u0007",
             "arguments":{"properties":{"a\u202e\nb":{"type":"string","description":"\u009b1m"}}}}]}
            """,
            "describe");

        Assert.Equal(0, code);
        Assert.DoesNotContain(output, one => one != '\n' && (char.IsControl(one) || one == '\u202e'));
        Assert.DoesNotContain(output.Split('\n'), line => line.StartsWith("Evil", StringComparison.Ordinal));
        Assert.Contains("  one\n  two", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_are_never_shown_with_their_secrets()
    {
        foreach (string address in new[] { "amqp://user:very-secret@127.0.0.1:1/", "amqp://user:very-secret@host:no-port/", "http://user:very-secret@host/", "amqp://user:very-secret@/", "amqp://127.0.0.1:1/?cacertfile=very-secret" })
        {
            foreach (string command in new[] { "list", "doctor", "watch" })
            {
                using var output = new StringWriter();
                using var error = new StringWriter();

                int code = await RpcGen.Cli.Tool.RunAsync([command, "--broker", address], new ToolConsole(output, error, TextReader.Null), Cancel).OrFail();

                Assert.NotEqual(0, code);
                Assert.DoesNotContain("very-secret", output.ToString() + error, StringComparison.Ordinal);
            }
        }
    }

    /// <summary>Runs a command on the queue, whose server answers with a description of its own.</summary>
    private async Task<(int Code, string Out, string Error)> RunAsync(string description, params string[] command)
    {
        await using RawPeer rogue = await RawPeer.ConnectAsync(Broker, serves: Queue);
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        string[] line = command[0] == "export" ? [.. command, Queue] : [command[0], Queue, .. command[1..]];
        Task<int> run = RpcGen.Cli.Tool.RunAsync([.. line, "--broker", Broker.Url], new ToolConsole(output, error, TextReader.Null), Cancel);
        Received question = await rogue.NextAsync();
        await rogue.Channel.PublishAsync(
            new Transport.OutgoingMessage
            {
                Exchange = "",
                RoutingKey = question.ReplyTo!,
                ContentType = "application/json",
                CorrelationId = new Transport.CorrelationId(question.CorrelationId),
                Body = Encoding.UTF8.GetBytes(description),
            },
            Cancel);
        return (await run.OrFail(), output.ToString(), error.ToString());
    }
}
