using System.Text.Json;
using RpcGen.Cli;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>The tool, run in this process.</summary>
public abstract class ToolTests(ITestBroker broker) : EndToEndTest(broker)
{
    private const string Order = """{"basket":{"customer":"Ada","lines":[{"article":"nut","quantity":3}],"picture":"AQI="}}""";

    [Fact]
    public async Task List_shows_services_with_contract_and_instances()
    {
        await ServeAsync();

        ToolRun text = await RunAsync("list", "--wait", "1");
        ToolRun json = await RunAsync("list", "--wait", "1", "--json");

        Assert.Equal(["SERVICE", "CONTRACT", "VERSION", "INSTANCES"], text.Lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches($@"^{System.Text.RegularExpressions.Regex.Escape(Queue)} +RpcGen\.EndToEnd\.Tests\.Contracts\.IKiosk +\S+ +1$", text.Lines.Single(line => line.StartsWith(Queue + " ", StringComparison.Ordinal)));
        Assert.Contains(JsonElement.Parse(json.Out).EnumerateArray(), service => service.GetProperty("queue").GetString() == Queue);
        Assert.Equal((0, 0), (text.Code, json.Code));
    }

    [Fact]
    public async Task Ping_and_describe_answer()
    {
        await ServeAsync();

        Assert.StartsWith($"{Queue} answered in ", (await RunAsync("ping", Queue)).Out, StringComparison.Ordinal);
        ToolRun all = await RunAsync("describe", Queue);
        Assert.Contains("Place(basket: Basket, express: boolean = false, colour: Colour = 0) → Bill", all.Lines);
        Assert.Contains("Find(number: int32, hint: string?) → Bill?", all.Lines);
        ToolRun one = await RunAsync("describe", Queue, "place");
        Assert.Contains("  basket.lines[].quantity  int32  at least 1, at most 100", one.Lines);
        Assert.Contains("  fault sold-out { article: string, left: int32 }", one.Lines);
        Assert.Equal("Place", JsonElement.Parse((await RunAsync("describe", Queue, "Place", "--json")).Out).GetProperty("name").GetString());
        ToolRun unknown = await RunAsync("describe", Queue, "Nope");
        Assert.Equal((2, $"'{Queue}' has no method 'Nope'. It has: Place, Find, Old, Pair, Walk."), (unknown.Code, unknown.Error.Trim()));
    }

    [Fact]
    public async Task Call_takes_JSON_flags_and_lines()
    {
        await ServeAsync();

        ToolRun json = await RunAsync("call", Queue, "Place", "-d", Order);
        Assert.Equal((0, 0), (json.Code, JsonElement.Parse(json.Out).GetProperty("colour").GetInt32()));
        ToolRun flags = await RunAsync(
            "call", Queue, "Place", "--basket.customer", "Ada", "--basket.lines.0.article", "nut", "--basket.lines.0.quantity=3", "--basket.picture", "AQI=", "--express", "--colour", "green");
        Assert.Equal((0, 5), (flags.Code, JsonElement.Parse(flags.Out).GetProperty("colour").GetInt32()));
        ToolRun lines = await RunAsync("""{"number":1,"hint":null}""" + "\n\n" + """{"number":2,"hint":"ab"}""" + "\n", "call", Queue, "Find", "-d", "-");
        Assert.Equal(["null", "null"], lines.Lines);
    }

    [Fact]
    public async Task Invalid_arguments_are_not_sent()
    {
        await ServeAsync();

        ToolRun refused = await RunAsync("call", Queue, "Place", "-d", Order.Replace("3", "300", StringComparison.Ordinal));
        Assert.Equal((2, "basket.lines[0].quantity: must be 1 to 100. Nothing was sent; --no-validate sends it."), (refused.Code, refused.Error.Trim()));
        ToolRun sent = await RunAsync("call", Queue, "Place", "--no-validate", "-d", Order.Replace("3", "300", StringComparison.Ordinal));
        Assert.Equal((2, "basket.lines[0].quantity: The field quantity must be between 1 and 100."), (sent.Code, sent.Error.Trim()));
        Assert.StartsWith("There is no argument 'bsket'. Known: basket, express, colour.", (await RunAsync("call", Queue, "Place", "--bsket.x", "1")).Error, StringComparison.Ordinal);
        Assert.StartsWith("The arguments are not JSON", (await RunAsync("call", Queue, "Place", "-d", "{")).Error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("call", Queue, "Find", "--number", "x")).Code);
    }

    [Fact]
    public async Task Failures_have_exit_codes()
    {
        await ServeAsync();

        ToolRun fault = await RunAsync("call", Queue, "Place", "-d", Order.Replace("3", "60", StringComparison.Ordinal));
        Assert.Equal((1, ""), (fault.Code, fault.Out));
        Assert.Equal("sold-out: Only 2 are left.\n  article: nut\n  left: 2", fault.Error.Trim().ReplaceLineEndings("\n"));
        Assert.Equal(3, (await RunAsync("ping", Queue + ".none")).Code);
        Assert.Equal(2, (await RunAsync("ping")).Code);
        Assert.Equal(2, (await RunAsync("ping", Queue, "--timeout", "0")).Code);
    }

    [Fact]
    public async Task The_skeleton_is_an_example_that_can_be_filled_in()
    {
        await ServeAsync();

        JsonElement example = JsonElement.Parse((await RunAsync("call", Queue, "Place", "--skeleton")).Out);

        Assert.Equal("""{"article":"","quantity":1,"note":null,"contact":null}""", JsonSerializer.Serialize(example.GetProperty("basket").GetProperty("lines")[0]));
        Assert.False(example.GetProperty("express").GetBoolean());
    }

    [Fact]
    public async Task A_cancelled_call_is_cancelled_on_the_server()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var courier = new Courier(async (text, token) =>
        {
            using CancellationTokenRegistration _ = token.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, token);
            return text;
        });
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);
        using var interrupt = new CancellationTokenSource();

        Task<ToolRun> run = RunAsync("", ["call", Queue, "Ask", "--text", "x"], interrupt.Token);
        await Wait.UntilAsync(() => courier.Got.Length == 1, "it runs");
        await interrupt.CancelAsync();

        Assert.Equal(130, (await run.OrFail()).Code);
        await cancelled.Task.OrFail();
    }

    [Fact]
    public async Task Metadata_goes_with_a_call()
    {
        var courier = new Courier((text, _) => Task.FromResult(RpcCallContext.Current!.Metadata.GetValueOrDefault(text, "none")));
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);

        Assert.Equal("\"a=b\"", (await RunAsync("call", Queue, "Ask", "--text", "tenant", "--metadata", "tenant=a=b", "--metadata", "other=c")).Out.Trim());
        Assert.Equal((2, 2), ((await RunAsync("call", Queue, "Ask", "--text", "x", "--metadata", "tenant")).Code, (await RunAsync("call", Queue, "Ask", "--text", "x", "--metadata", "traceparent=x")).Code));
    }

    [Fact]
    public async Task Watch_shows_what_was_done_since_the_start()
    {
        await ServeAsync();
        await RunAsync("call", Queue, "Place", "-d", Order);
        await RunAsync("call", Queue, "Place", "-d", Order.Replace("3", "60", StringComparison.Ordinal));
        await RunAsync("call", Queue, "Place", "--no-validate", "-d", Order.Replace("3", "300", StringComparison.Ordinal));

        ToolRun one = await RunAsync("watch", Queue, "--once");
        ToolRun all = await RunAsync("watch", "--once");
        ToolRun json = await RunAsync("watch", Queue, "--once", "--json");

        Assert.Equal($"{Queue}: 1 instance, 0 of 64 places taken, 0 waiting, 0 in the queue", one.Lines[0]);
        Assert.Equal("METHOD RUNNING CALLS FAULTS CANCELLED REFUSED P50 MS P99 MS", Squeeze(one.Lines[1]));
        Assert.Matches(@"^Place 0 2 1 0 1 <\S+ <\S+$", Squeeze(one.Lines[2]));
        Assert.Equal("Find 0 0 0 0 0 - -", Squeeze(one.Lines[3]));
        Assert.Matches(@"^\S+ 1 0/64 0 0 2 1 0 1 <\S+ <\S+$", Squeeze(all.Lines.Single(line => line.StartsWith(Queue + " ", StringComparison.Ordinal))));
        JsonElement place = JsonElement.Parse(json.Lines.Single()).GetProperty("methods")[0];
        Assert.Equal((1, 1, 1, 2), (place.GetProperty("answered").GetInt32(), place.GetProperty("faulted").GetInt32(), place.GetProperty("refused").GetInt32(), place.GetProperty("durations").EnumerateArray().Sum(count => count.GetInt32())));
        Assert.Equal((0, 0, 0), (one.Code, all.Code, json.Code));
        Assert.Equal(3, (await RunAsync("watch", Queue + ".none", "--once")).Code);
        Assert.Equal(2, (await RunAsync("watch", "--interval", "0")).Code);
    }

    [Fact]
    public async Task Watch_shows_rates_until_it_is_interrupted()
    {
        await ServeAsync();
        using var interrupt = new CancellationTokenSource();
        using var output = new StringWriter();
        Task<int> run = RpcGen.Cli.Tool.RunAsync(["watch", Queue, "--json", "--interval", "0.1", "--broker", Broker.Url], new ToolConsole(output, TextWriter.Null, TextReader.Null), interrupt.Token);

        await Wait.UntilAsync(
            async () =>
            {
                await RunAsync("call", Queue, "Place", "-d", Order);
                return Lines().Any(line => line.GetProperty("methods")[0].GetProperty("callsPerSecond") is { ValueKind: JsonValueKind.Number } rate && rate.GetDouble() > 0);
            },
            "a rate is shown");
        await interrupt.CancelAsync();

        Assert.Equal(0, await run.OrFail());
        Assert.Equal(JsonValueKind.Null, Lines()[0].GetProperty("methods")[0].GetProperty("callsPerSecond").ValueKind); // nothing to compare with

        JsonElement[] Lines() => [.. output.ToString().Split('\n')[..^1].Select(line => JsonElement.Parse(line))];
    }

    [Fact]
    public async Task Watch_says_who_refuses_and_shows_the_others()
    {
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), new RpcServerOptions(ServerOptions) { DescriptionPolicy = "" }, Cancel);
        string other = Queue + ".other";
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), new RpcServerOptions(ServerOptions) { Queue = other }, Cancel);

        ToolRun all = await RunAsync("watch", "--once");
        ToolRun one = await RunAsync("watch", Queue, "--once");

        Assert.Contains(all.Lines, line => line.StartsWith(other + " ", StringComparison.Ordinal));
        Assert.Contains($"{Queue}: ", all.Error, StringComparison.Ordinal);
        Assert.Contains("DescriptionPolicy", all.Error, StringComparison.Ordinal);
        Assert.Equal((0, 6), (all.Code, one.Code));
        await Broker.DeleteQueueAsync(other);
    }

    private static string Squeeze(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "MS")).Replace("P50 P99", "P50 MS P99 MS", StringComparison.Ordinal);

    private async Task ServeAsync() => await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);

    private Task<ToolRun> RunAsync(params string[] args) => args[0].StartsWith('{') ? RunAsync(args[0], args[1..], Cancel) : RunAsync("", args, Cancel);

    private async Task<ToolRun> RunAsync(string input, string[] args, CancellationToken cancellationToken)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var reader = new StringReader(input);
        int code = await RpcGen.Cli.Tool.RunAsync([.. args, "--broker", Broker.Url], new ToolConsole(output, error, reader), cancellationToken).OrFail();
        return new ToolRun(code, output.ToString(), error.ToString());
    }

    private sealed record ToolRun(int Code, string Out, string Error)
    {
        public string[] Lines => Out.TrimEnd().ReplaceLineEndings("\n").Split('\n');
    }
}

public sealed class ToolTestsInMemory(MemoryBroker broker) : ToolTests(broker), IClassFixture<MemoryBroker>;

public sealed class ToolTestsOnRabbitMq(SharedRabbit broker) : ToolTests(broker);
