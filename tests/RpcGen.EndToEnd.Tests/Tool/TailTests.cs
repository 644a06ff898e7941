using System.Text.Json;
using System.Text.RegularExpressions;
using RpcGen.Cli;
using RpcGen.Cli.Tracing;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>The tool shows single calls: those of others as they end, and one of its own.</summary>
public abstract class TailTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task Tail_shows_calls_until_it_is_interrupted()
    {
        await ServeAsync();
        await using Running tail = Start("tail", Queue);
        ICourier client = (await ConnectAsync()).CreateClient<ICourier>(ClientOptions);

        await Wait.UntilAsync(() => tail.Error.Text.Contains("Watching 1 instance. Ctrl+C ends it.", StringComparison.Ordinal), "it watches");
        await client.AskAsync("good", Cancel).OrFail();
        string failed = (await Assert.ThrowsAsync<RpcRemoteException>(() => client.AskAsync("bad", Cancel).OrFail())).CallId!;
        await Wait.UntilAsync(() => tail.Out.Lines.Length == 2, "both are shown");

        Assert.Equal(0, await tail.InterruptAsync());
        Assert.Matches($@"^\d\d:\d\d:\d\d\.\d{{3}}Z  {Regex.Escape(Queue)}  Ask  answered  [\d.]+ ms, waited [\d.]+ ms  [0-9a-f]{{16}}$", tail.Out.Lines[0]);
        Assert.Matches($"  Ask  faulted internal  .*  {failed}$", tail.Out.Lines[1]);
        Assert.DoesNotContain("secret", tail.Out.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tail_shows_failures_alone_as_JSON()
    {
        await ServeAsync();
        await using Running tail = Start("tail", "--faults", "--method", "Ask", "--json");
        ICourier client = (await ConnectAsync()).CreateClient<ICourier>(ClientOptions);

        await Wait.UntilAsync(() => tail.Error.Text.Contains("Ctrl+C ends it.", StringComparison.Ordinal), "it watches");
        await client.AskAsync("good", Cancel).OrFail();
        await Assert.ThrowsAsync<RpcRemoteException>(() => client.AskUrgentlyAsync("bad", Cancel).OrFail());
        await Assert.ThrowsAsync<RpcRemoteException>(() => client.AskAsync("bad", Cancel).OrFail());
        await Wait.UntilAsync(() => OfThisTest().Length > 0, "it is shown");

        Assert.Equal(0, await tail.InterruptAsync());
        JsonElement shown = Assert.Single(OfThisTest());
        Assert.Equal(("Ask", "faulted", "internal", false), (shown.GetProperty("method").GetString(), shown.GetProperty("outcome").GetString(), shown.GetProperty("code").GetString(), shown.GetProperty("redelivered").GetBoolean()));

        JsonElement[] OfThisTest() => [.. tail.Out.Lines.Select(line => JsonElement.Parse(line)).Where(line => line.GetProperty("queue").GetString() == Queue)]; // on a shared broker, others are seen too
    }

    [Fact]
    public async Task Tail_says_if_nobody_answers_or_all_refuse()
    {
        await (await ConnectAsync()).ServeAsync<ICourier>(new Courier(), new RpcServerOptions(ServerOptions) { DescriptionPolicy = "" }, Cancel);
        await using Running nobody = Start("tail", Queue + ".none");
        await using Running refused = Start("tail", Queue);

        await Wait.UntilAsync(() => nobody.Error.Text.Contains($"No instance of '{Queue}.none' answers yet.", StringComparison.Ordinal), "it says so");

        Assert.Equal(0, await nobody.InterruptAsync());
        Assert.Equal(6, await refused.Code.OrFail());
        Assert.Contains("DescriptionPolicy", refused.Error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_shows_the_services_that_took_part()
    {
        string other = Queue + ".other";
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { Queue = other }, Cancel);
        ICalculator calculator = (await ConnectAsync()).CreateClient<ICalculator>(new RpcClientOptions { Queue = other });
        await (await ConnectAsync()).ServeAsync<ICourier>(
            new Courier(async (text, token) =>
            {
                string sum = $"{await calculator.AddAsync(2, 3, token)}";
                await Task.Delay(20, token); // so that the other call is clearly a part of this one
                return text == "bad" ? throw new InvalidOperationException("secret") : sum;
            }),
            ServerOptions,
            Cancel);

        string[] shown = [];
        await Wait.UntilAsync(
            async () =>
            {
                await using Running text = Start("trace", Queue, "Ask", "--text", "x");
                Assert.Equal(0, await text.Code.OrFail());
                Assert.Matches(@"^The call took [\d.]+ ms here\.$", text.Error.Text.Trim());
                shown = text.Out.Lines;
                return shown.Length == 3; // a machine that is busy can tell of the inner call too late
            },
            "both calls are shown");
        await using Running json = Start("trace", Queue, "Ask", "--text", "bad", "--json");

        Assert.Equal(1, await json.Code.OrFail());
        Assert.Equal(["CALL", $"{Queue} Ask", $"  {other} Add"], shown.Select(line => line.Split("  answered", StringSplitOptions.None)[0].Split("  OUTCOME", StringSplitOptions.None)[0].TrimEnd()));
        JsonElement[] hops = [.. JsonElement.Parse(json.Out.Text).EnumerateArray()];
        Assert.Equal(("Ask", "internal"), (hops[0].GetProperty("method").GetString(), hops[0].GetProperty("code").GetString()));
        Assert.Single(hops.Select(hop => hop.GetProperty("trace").GetString()).Distinct());
        Assert.Contains("internal: ", json.Error.Text, StringComparison.Ordinal);
        await Broker.DeleteQueueAsync(other);
    }

    private async Task ServeAsync() => await (await ConnectAsync()).ServeAsync<ICourier>(
        new Courier((text, _) => text == "bad" ? throw new InvalidOperationException("secret") : Task.FromResult(text)), ServerOptions, Cancel);

    private Running Start(params string[] args) => new([.. args, "--broker", Broker.Url]);

    /// <summary>A run of the tool, in this process.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _interrupt = new();

        public Running(string[] args) => Code = RpcGen.Cli.Tool.RunAsync(args, new ToolConsole(Out, Error, TextReader.Null), _interrupt.Token);

        public SharedText Out { get; } = new();

        public SharedText Error { get; } = new();

        public Task<int> Code { get; }

        public async Task<int> InterruptAsync()
        {
            await _interrupt.CancelAsync();
            return await Code.OrFail();
        }

        public async ValueTask DisposeAsync()
        {
            await InterruptAsync();
            _interrupt.Dispose();
        }
    }

    /// <summary>Text that is read while it is written.</summary>
    private sealed class SharedText : StringWriter
    {
        private readonly Lock _gate = new();

        public string Text
        {
            get
            {
                lock (_gate)
                {
                    return ToString();
                }
            }
        }

        public string[] Lines => Text.ReplaceLineEndings("\n").Split('\n')[..^1];

        public override void Write(char value)
        {
            lock (_gate)
            {
                base.Write(value);
            }
        }

        public override void Write(string? value)
        {
            lock (_gate)
            {
                base.Write(value);
            }
        }

        public override void Write(char[] buffer, int index, int count)
        {
            lock (_gate)
            {
                base.Write(buffer, index, count);
            }
        }

        public override void WriteLine(string? value) => Write(value + NewLine);
    }
}

public sealed class TailTestsInMemory(MemoryBroker broker) : TailTests(broker), IClassFixture<MemoryBroker>;

public sealed class TailTestsOnRabbitMq(SharedRabbit broker) : TailTests(broker);

/// <summary>The order of the calls of a trace.</summary>
public sealed class HopsTests
{
    [Fact]
    public void Calls_that_ran_meanwhile_are_parts()
    {
        RpcCallEvent[] events = [Call("inner", 20, 40), Call("last", 60, 70), Call("first", 0, 100), Call("middle", 10, 50), Call("beside", 55, 80)];

        Assert.Equal(["0 first", "1 middle", "2 inner", "1 beside", "2 last"], Order(events));
    }

    [Fact]
    public void Without_the_first_call_the_others_are_shown_all_the_same() => Assert.Equal(["0 a", "0 b"], Order([Call("b", 50, 60), Call("a", 0, 10)]));

    [Fact]
    public void Clocks_that_differ_put_nothing_above_the_first_call() =>
        Assert.Equal(["0 first", "1 early", "1 around"], Order([Call("around", 1000, 9000), Call("first", 1010, 1020), Call("early", 0, 10)]));

    private static string[] Order(RpcCallEvent[] events) => [.. Hops.Order(events, ended => ended.Method == "first").Select(hop => $"{hop.Depth} {hop.Ended.Method}")];

    private static RpcCallEvent Call(string name, int start, int end) =>
        new() { Method = name, Duration = TimeSpan.FromMilliseconds(end - start), EndedAt = DateTimeOffset.UnixEpoch.AddMilliseconds(end) };
}
