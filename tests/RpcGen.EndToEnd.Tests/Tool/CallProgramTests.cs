using RpcGen.Cli;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interop;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>The programs that <c>rpcgen call --as</c> writes make the call. Those in C# are compiled elsewhere.</summary>
public sealed class CallProgramTests(SharedRabbit broker, Peers peers) : EndToEndTest(broker), IClassFixture<Peers>
{
    private const string Order = """{"basket":{"customer":"Ada 😀 \"\\ '","lines":[{"article":"nut","quantity":3}],"picture":"AQI="}}""";

    [Theory]
    [InlineData("python")]
    [InlineData("typescript")]
    public async Task A_call_is_answered_with_all_its_digits(string language)
    {
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);

        Outcome answered = await RunAsync(language, await WriteAsync(language, "Place", "-d", Order, "--express"));
        Outcome refused = await RunAsync(language, await WriteAsync(language, "Place", "-d", Order.Replace("3", "60", StringComparison.Ordinal)));

        Assert.Equal((0, ""), (answered.ExitCode, answered.Errors));
        Assert.Contains($"{ulong.MaxValue}", answered.Output, StringComparison.Ordinal);
        Assert.Contains("79228162514264337593543950335", answered.Output, StringComparison.Ordinal);
        Assert.Equal((1, "", "sold-out: Only 2 are left."), (refused.ExitCode, refused.Output, refused.Errors.Trim()));
    }

    [Theory]
    [InlineData("python")]
    [InlineData("typescript")]
    public async Task Text_metadata_and_one_way_requests_arrive(string language)
    {
        const string Text = "Ada 😀 \"\\ ' ${x} ü";
        var courier = new Courier((text, _) => Task.FromResult($"{text} {RpcCallContext.Current!.Metadata.GetValueOrDefault("tenant", "none")}"));
        RpcServer server = await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);

        string ask = await WriteAsync(language, "AskUrgently", "--text", Text, "--metadata", "tenant=ü'\"");
        string send = await WriteAsync(language, "Send", "--text", Text);
        Outcome asked = await RunAsync(language, ask);
        Outcome sent = await RunAsync(language, send);
        await Wait.UntilAsync(() => courier.Got.Length == 2, "both have arrived");
        await server.StopAsync(Cancel).OrFail();
        await Broker.DeleteQueueAsync(Queue);
        Outcome missing = await RunAsync(language, ask);

        Assert.Equal((0, $"{Text} ü'\""), (asked.ExitCode, System.Text.Json.JsonSerializer.Deserialize<string>(asked.Output)));
        Assert.Equal((0, "", "The broker has the request."), (sent.ExitCode, sent.Output, sent.Errors.Trim()));
        Assert.Equal([Text, Text], courier.Got);
        Assert.Equal((1, "There is no such queue."), (missing.ExitCode, missing.Errors.Trim()));
    }

    [Fact]
    public async Task Only_a_valid_call_of_a_simple_method_becomes_a_program()
    {
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);

        Assert.Equal((2, true), await FailAsync("cobol", "Place"));
        Assert.Equal((2, true), await FailAsync("python", "Place", "-d", Order.Replace("3", "300", StringComparison.Ordinal)));
        Assert.Equal((2, true), await FailAsync("python", "Walk", "--no-validate"));

        async Task<(int Code, bool IsEmpty)> FailAsync(string language, string method, params string[] arguments)
        {
            using var output = new StringWriter();
            int code = await RpcGen.Cli.Tool.RunAsync(["call", Queue, method, .. arguments, "--as", language, "--broker", Broker.Url], new ToolConsole(output, TextWriter.Null, TextReader.Null), Cancel).OrFail();
            return (code, output.ToString().Length == 0 || code == 2 && language == "cobol"); // the parser shows the help of the command
        }
    }

    private async Task<string> WriteAsync(string language, string method, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await RpcGen.Cli.Tool.RunAsync(["call", Queue, method, .. arguments, "--as", language, "--broker", Broker.Url], new ToolConsole(output, error, TextReader.Null), Cancel).OrFail();
        Assert.Equal((0, ""), (code, error.ToString()));
        return output.ToString();
    }

    private Task<Outcome> RunAsync(string language, string program) => peers.RunProgramAsync(language == "python", program, $"RPCGEN_BROKER={Broker.Url}");
}
