using System.Text.RegularExpressions;
using RpcGen.Cli;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>What an operator reads who has only the tool.</summary>
public sealed partial class HelpTests(MemoryBroker broker) : EndToEndTest(broker), IClassFixture<MemoryBroker>
{
    [Fact]
    public async Task Help_lists_commands_without_asking_the_broker()
    {
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);

        (int code, string output, _) = await RunAsync("--help");

        Assert.Equal(0, code);
        Assert.Contains("  ping <SERVICE> ", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Queue, output, StringComparison.Ordinal);
        Assert.Contains("  describe <SERVICE> [<METHOD>] ", output, StringComparison.Ordinal);
        Assert.Contains("  tail [<SERVICE>] ", output, StringComparison.Ordinal);
        string[] commands = [.. output.ReplaceLineEndings("\n").Split("Commands:\n")[1].Split("\n\n")[0].Split('\n').Where(line => line.Length > 2 && line[2] != ' ')];
        Assert.Equal(13, commands.Length);
        Assert.Single(commands.Select(line => Description().Match(line).Groups["text"].Index).Distinct());
    }

    [GeneratedRegex(@"^  \S+(?: \S+)*?  +(?<text>\S)")]
    private static partial Regex Description();

    [Theory]
    [InlineData("Shop.Order", "Shop.Orders")]
    [InlineData("shop.orders", "Shop.Orders")]
    [InlineData("Orders", "Shop.Orders,Store.Orders")]
    [InlineData("Shop.Orders.v2", "Shop.Orders")]
    [InlineData("Prices", "Shop.Prices")]
    [InlineData("Nothing", "")]
    [InlineData("", "")]
    public void Names_that_are_alike_are_suggested(string name, string expected) =>
        Assert.Equal(expected, string.Join(',', SimilarNames.Find(name, ["Shop.Orders", "Shop.Prices", "Store.Orders", "Warehouse"]).Take(expected.Split(',').Length)));

    [Theory]
    [InlineData("call", "Place")]
    [InlineData("describe")]
    public async Task A_service_that_does_not_exist_is_answered_with_those_that_do(string command, params string[] more)
    {
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);

        (int code, string output, string error) = await RunAsync([command, Queue + "x", .. more]);

        Assert.Equal((3, ""), (code, output));
        Assert.EndsWith($". Did you mean '{Queue}'? 'rpcgen list' shows the services that run.", error.TrimEnd(), StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("2026-03-01", "Ok", "valid until 2026-03-01")]
    [InlineData("2026-01-31T00:00:01", "Ok", "valid until 2026-01-31")]
    [InlineData("2026-01-31", "Warning", "ends on 2026-01-31, in 30 days")]
    [InlineData("2026-01-02T12:00:00", "Warning", "in 1 day")]
    [InlineData("2026-01-01", "Failure", "has ended on 2026-01-01")]
    public void A_certificate_that_ends_soon_is_a_warning(string end, string kind, string detail)
    {
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        RpcGen.Cli.Checks.Finding finding = RpcGen.Cli.Checks.CertificateExpiry.Check(DateTime.Parse(end, System.Globalization.CultureInfo.InvariantCulture), now);

        Assert.Equal((kind, kind == "Ok"), (finding.Kind.ToString(), finding.Remedy is null));
        Assert.EndsWith(detail, finding.Detail, StringComparison.Ordinal);
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
