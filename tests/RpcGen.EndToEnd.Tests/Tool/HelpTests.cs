using RpcGen.Cli;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>What an operator reads who has only the tool.</summary>
public sealed class HelpTests(MemoryBroker broker) : EndToEndTest(broker), IClassFixture<MemoryBroker>
{
    [Fact]
    public async Task Help_lists_commands_without_asking_the_broker()
    {
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);

        (int code, string output, _) = await RunAsync("--help");

        Assert.Equal(0, code);
        Assert.Contains("  ping <SERVICE> ", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Queue, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("call")]
    [InlineData("bench")]
    public async Task Help_explains_the_arguments_of_methods(string command)
    {
        (int code, string output, _) = await RunAsync(command, "--help");

        Assert.Equal(0, code);
        Assert.Contains("<--NAME VALUE>  The arguments of the method", output, StringComparison.Ordinal);
        Assert.DoesNotContain("additional arguments", output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("--timeout must be a number, not 'x'.", "list", "--timeout", "x")]
    [InlineData("--wait must be a number, not 'x'.", "list", "--wait", "x")]
    [InlineData("--interval must be a number, not 'x'.", "watch", "--interval", "x")]
    [InlineData("--number must be a whole number, not '1.5'.", "bench", "a", "b", "-n", "1.5")]
    [InlineData("--concurrency must be a whole number, not 'x'.", "bench", "a", "b", "-c", "x")]
    [InlineData("--max must be a whole number, not 'x'.", "dead", "list", "a", "--max", "x")]
    public async Task A_value_that_is_no_number_is_refused_by_the_name_of_its_option(string message, params string[] args)
    {
        (int code, _, string error) = await RunAsync(args);

        Assert.Equal(2, code);
        Assert.StartsWith(message, error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Out, string Error)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var input = new StringReader("");
        int code = await RpcGen.Cli.Tool.RunAsync([.. args, "--broker", Broker.Url], new ToolConsole(output, error, input), Cancel).OrFail();
        return (code, output.ToString(), error.ToString());
    }
}
