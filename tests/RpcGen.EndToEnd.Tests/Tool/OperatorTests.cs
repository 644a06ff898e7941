using System.Text.Json;
using RpcGen.Cli;
using RpcGen.Cli.Calling;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>The tool's commands for operators: doctor, bench, completion.</summary>
public sealed class OperatorTests(SharedRabbit broker) : EndToEndTest(broker)
{
    private const string Nobody = "amqp://guest:very-secret@127.0.0.1:1/?connection_timeout=1";

    [Fact]
    public async Task The_doctor_finds_a_service_in_order()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel);

        ToolRun run = await RunAsync("doctor", Queue);
        ToolRun json = await RunAsync("doctor", Queue, "--json");

        Assert.Equal((0, ""), (run.Code, run.Error));
        string[] checks = [.. JsonElement.Parse(json.Out).EnumerateArray().Select(finding => $"{finding.GetProperty("result").GetString()} {finding.GetProperty("check").GetString()}")];
        Assert.Equal(["ok connection", "ok encryption", "ok broker", "ok heartbeat", "ok calling", "ok queue", "ok finding", "ok instances", "ok load"], checks);
        Assert.Contains("queue        1 consumers, 0 waiting messages", run.Out, StringComparison.Ordinal);
        Assert.Contains("load         0 of 64 places taken, 0 calls waiting for one", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_says_what_to_do()
    {
        ToolRun missing = await RunAsync("doctor", Queue);
        ToolRun unreachable = await RunAsync(Nobody, ["doctor"]);

        Assert.Equal((1, "2 checks failed."), (missing.Code, missing.Error.Trim()));
        Assert.Contains($"FAIL  queue        '{Queue}' does not exist", missing.Out, StringComparison.Ordinal);
        Assert.Contains("Start a server", missing.Out, StringComparison.Ordinal);
        Assert.Equal((1, "One check failed."), (unreachable.Code, unreachable.Error.Trim()));
        Assert.StartsWith("FAIL  connection ", unreachable.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", unreachable.Out + unreachable.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_sees_taken_places_and_two_versions()
    {
        var release = new TaskCompletionSource<string>();
        var courier = new Courier((_, _) => release.Task);
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 }, Cancel);
        await (await ConnectAsync()).CreateClient<ICourier>(ClientOptions).SendAsync("x", Cancel).OrFail();
        await Wait.UntilAsync(() => courier.Got.Length == 1, "its place is taken");
        ToolRun taken = await RunAsync("doctor", Queue);
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel);
        ToolRun versions = await RunAsync("doctor", Queue);
        release.SetResult("");

        Assert.Contains("warn  load         1 of 1 places taken", taken.Out, StringComparison.Ordinal);
        Assert.Contains("warn  instances    2 answered, with 2 different descriptions", versions.Out, StringComparison.Ordinal);
        Assert.Equal((0, 0), (taken.Code, versions.Code));
    }

    [Fact]
    public async Task Bench_measures_calls_and_counts_failures()
    {
        await (await ConnectAsync()).ServeAsync<ITroublemaker>(new Troublemaker((text, _) => text == "bad" ? throw new InvalidOperationException() : Task.FromResult(text)), ServerOptions, Cancel);

        ToolRun good = await RunAsync("bench", Queue, "DoIdempotently", "-d", """{"text":"x"}""", "-c", "4", "-n", "50", "--json");
        ToolRun bad = await RunAsync("bench", Queue, "DoIdempotently", "-d", """{"text":"bad"}""", "-n", "3", "-c", "2");
        ToolRun refused = await RunAsync("bench", Queue, "Do", "-d", """{"text":"x"}""");
        ToolRun known = await RunAsync("bench", Queue, "Do", "-d", """{"text":"x"}""", "-n", "2", "--i-know");

        JsonElement result = JsonElement.Parse(good.Out);
        Assert.Equal((0, 50, "{}"), (good.Code, result.GetProperty("answered").GetInt32(), result.GetProperty("failures").GetRawText()));
        Assert.True(result.GetProperty("milliseconds").GetProperty("max").GetDouble() >= result.GetProperty("milliseconds").GetProperty("p50").GetDouble());
        Assert.Equal((1, "No call was answered."), (bad.Code, bad.Error.Trim()));
        Assert.Contains("3 failed: internal", bad.Out, StringComparison.Ordinal);
        Assert.Equal(2, refused.Code);
        Assert.StartsWith("'Do' is not idempotent, so 1000 calls do what it does 1000 times.", refused.Error, StringComparison.Ordinal);
        Assert.StartsWith("2 calls answered", known.Out, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("bench", Queue, "Do", "-c", "0")).Code);
    }

    [Fact]
    public async Task Services_methods_and_commands_are_completed()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel);
        string evil = Queue + ";reboot";
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { Queue = evil }, Cancel);

        string[] services = await SuggestAsync("describe ");
        string[] methods = await SuggestAsync($"call {Queue} ad");

        Assert.Contains("doctor", await SuggestAsync("do"));
        Assert.Contains(Queue, services);
        Assert.DoesNotContain(services, line => line.Contains(';', StringComparison.Ordinal)); // would be a command in the user's shell
        Assert.Contains("Add", methods);
        Assert.DoesNotContain(await SuggestAsync("describe ", Nobody), line => line.StartsWith(Queue, StringComparison.Ordinal));
        await Broker.DeleteQueueAsync(evil);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _rpcgen rpcgen")]
    [InlineData("zsh", "compdef _rpcgen rpcgen")]
    [InlineData("fish", "complete -f -c rpcgen")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public async Task Shells_get_a_script(string shell, string part)
    {
        ToolRun run = await RunAsync("completion", shell);

        Assert.Contains(part, run.Out, StringComparison.Ordinal);
        Assert.Contains("[suggest:", run.Out, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("completion", "cmd")).Code);
    }

    [Theory]
    [InlineData(0.5, 50)]
    [InlineData(0.99, 99)]
    [InlineData(0.999, 100)]
    [InlineData(1, 100)]
    public void Percentiles_are_those_of_the_calls(double share, int milliseconds)
    {
        var result = new BenchResult(TimeSpan.FromSeconds(1), [.. Enumerable.Range(1, 100).Select(number => TimeSpan.FromMilliseconds(number))], new Dictionary<string, int>());

        Assert.Equal(milliseconds, result.Percentile(share).TotalMilliseconds);
    }

    private async Task<string[]> SuggestAsync(string line, string? url = null)
    {
        string whole = $"--broker {url ?? Broker.Url} {line}";
        return (await RunLineAsync($"[suggest:{whole.Length}]", whole)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private Task<ToolRun> RunAsync(params string[] args) => RunAsync(Broker.Url, args);

    private static Task<ToolRun> RunAsync(string url, string[] args) => RunLineAsync([.. args, "--broker", url]);

    private static async Task<ToolRun> RunLineAsync(params string[] line)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await RpcGen.Cli.Tool.RunAsync(line, new ToolConsole(output, error, TextReader.Null), Cancel).OrFail();
        return new ToolRun(code, output.ToString(), error.ToString());
    }

    private sealed record ToolRun(int Code, string Out, string Error);
}
