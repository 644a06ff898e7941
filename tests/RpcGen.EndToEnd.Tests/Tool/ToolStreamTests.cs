using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using RpcGen.Cli;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary><c>rpcgen call</c> of methods with streams and progress.</summary>
public abstract class ToolStreamTests(ITestBroker broker) : EndToEndTest(broker)
{
    private const string Parcels = """{"number":1,"text":"a"}""" + "\n\n" + """ {"number":2,"text":"b"} """ + "\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("rpcgen").FullName;

    protected override async Task CleanUpAsync()
    {
        await base.CleanUpAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Items_are_lines()
    {
        await ServeAsync<IFeed>(new Feed((name, _) => Enumerable.Range(0, 3).Select(i => new FeedItem(i, name)).ToAsyncEnumerable()));

        ToolRun run = await RunAsync("", "call", Queue, "Read", "--name", "x");

        Assert.Equal((0, "{\"number\":0,\"text\":\"x\"}\n{\"number\":1,\"text\":\"x\"}\n{\"number\":2,\"text\":\"x\"}\n", ""), (run.Code, run.Out.ReplaceLineEndings("\n"), run.Error));
        Assert.Equal(2, (await RunAsync("", "call", Queue, "Read", "--name", "x", "-o", "file")).Code); // no bytes
    }

    [Fact]
    public async Task An_interrupted_stream_ends_on_the_server()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync<IFeed>(new Feed((_, token) => EndlessAsync(left, token)));
        using var interrupt = new CancellationTokenSource();
        using var output = new StringWriter();
        Task<int> run = RpcGen.Cli.Tool.RunAsync(["call", Queue, "Read", "--name", "x", "--broker", Broker.Url], new ToolConsole(output, TextWriter.Null, TextReader.Null), interrupt.Token);

        await Wait.UntilAsync(() => output.ToString().Length > 0, "the first item is shown, although the second does not come");
        await interrupt.CancelAsync();

        Assert.Equal(130, await run.OrFail());
        await left.Task.OrFail();
    }

    [Fact]
    public async Task A_stream_ends_when_nobody_reads_the_output()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync<IFeed>(new Feed((_, token) => EndlessAsync(left, token)));

        int code = await RpcGen.Cli.Tool.RunAsync(["call", Queue, "Read", "--name", "x", "--broker", Broker.Url], new ToolConsole(new ClosedPipe(), TextWriter.Null, TextReader.Null), Cancel).OrFail();

        Assert.Equal(0, code);
        await left.Task.OrFail();
    }

    [Fact]
    public async Task Lines_of_the_input_a_file_or_an_array_are_items()
    {
        await ServeAsync<IIntake>(new Intake(StoreAsync, (_, parcels, _) => Answer(parcels)));
        string file = Path.Combine(_folder, "parcels");
        await File.WriteAllTextAsync(file, Parcels, Cancel);
        const string stored = """{"count":2,"note":"x: a b"}""";

        Assert.Equal(stored, (await RunAsync(Parcels, "call", Queue, "Store", "--name", "x")).Out.Trim());
        Assert.Equal(stored, (await RunAsync(Parcels, "call", Queue, "Store", "--parcels", "-", "--name", "x")).Out.Trim());
        Assert.Equal(stored, (await RunAsync("", "call", Queue, "Store", "--name", "x", "--parcels=@" + file)).Out.Trim());
        Assert.Equal(stored, (await RunAsync("", "call", Queue, "Store", "--name", "x", "--parcels", "@" + file)).Out.Trim());
        string arguments = Path.Combine(_folder, "arguments");
        await File.WriteAllTextAsync(arguments, """{ "name" : "x" }""", Cancel);
        Assert.Equal(stored, (await RunAsync(Parcels, "call", Queue, "Store", "-d", "@" + arguments)).Out.Trim());
        Assert.Equal(stored, (await RunAsync("", "call", Queue, "Store", "-d", """{"name":"x","parcels":[{"number":1,"text":"a"},{"number":2,"text":"b"}]}""")).Out.Trim());
        ToolRun lines = await RunAsync("""{"name":"x"}""" + "\n" + """{"name":"y"}""", "call", Queue, "Store", "--parcels=@" + file, "-d", "-");
        Assert.Equal([stored, stored.Replace('x', 'y')], lines.Lines);
        Assert.Equal("""["1-a"]""", (await RunAsync("\"a\"\n\"b\"", "call", Queue, "Zip", "--separator", "-", "--texts", "-", "-d", """{"numbers":[1]}""")).Out.Trim());
        ToolRun both = await RunAsync(Parcels, "call", Queue, "Exchange", "--name", "x");
        Assert.Equal(["""{"number":1,"text":"a!"}""", """{"number":2,"text":"b!"}"""], both.Lines);
    }

    [Fact]
    public async Task Items_are_checked_and_streams_must_come_from_somewhere()
    {
        await ServeAsync<IIntake>(new Intake(StoreAsync, (_, parcels, _) => Answer(parcels)));
        string wrong = Parcels.Replace("2", "-2", StringComparison.Ordinal);

        ToolRun invalid = await RunAsync(wrong, "call", Queue, "Store", "--name", "x");
        Assert.Equal((2, "parcels[1].number: must be 0 to 1000000. The call was broken off there; --no-validate sends such items."), (invalid.Code, invalid.Error.Trim()));
        ToolRun sent = await RunAsync(wrong, "call", Queue, "Store", "--name", "x", "--no-validate");
        Assert.Equal((2, true), (sent.Code, sent.Error.StartsWith("parcels[1].number: The field number must be between", StringComparison.Ordinal)));
        Assert.StartsWith("parcels[0] is not JSON: ", (await RunAsync("{", "call", Queue, "Store", "--name", "x")).Error, StringComparison.Ordinal);
        await RefusedAsync("The stream 'numbers' is missing", "call", Queue, "Zip", "--separator", "-", "--texts", "-");
        await RefusedAsync("Only one stream can come from the standard input, and 'numbers' does", "call", Queue, "Zip", "--separator", "-", "--texts", "-", "--numbers", "-");
        await RefusedAsync("The stream 'parcels' cannot be '7'", "call", Queue, "Store", "--name", "x", "--parcels", "7");
        await RefusedAsync("'/nowhere/at-all' cannot be read", "call", Queue, "Store", "--name", "x", "--parcels=@/nowhere/at-all");
        ToolRun twice = await RunAsync("""{"name":"x"}""", "call", Queue, "Store", "-d", "-");
        Assert.StartsWith("-d - reads the standard input, and so does the stream 'parcels'", twice.Error, StringComparison.Ordinal);

        async Task RefusedAsync(string message, params string[] args)
        {
            ToolRun run = await RunAsync("", args);
            Assert.Equal((2, message), (run.Code, run.Error[..Math.Min(message.Length, run.Error.Length)]));
        }
    }

    [Fact]
    public async Task An_interrupted_upload_does_not_wait_for_its_input()
    {
        var handler = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync<IIntake>(new Intake(
            async (_, parcels, token) =>
            {
                token.Register(() => handler.TrySetResult());
                started.SetResult();
                return new Receipt(await parcels.CountAsync(token), "");
            },
            (_, parcels, _) => Answer(parcels)));
        using var interrupt = new CancellationTokenSource();
        using var input = new SilentInput();

        Task<int> run = RpcGen.Cli.Tool.RunAsync(["call", Queue, "Store", "--name", "x", "--broker", Broker.Url], new ToolConsole(TextWriter.Null, TextWriter.Null, input), interrupt.Token);
        await started.Task.OrFail();
        await interrupt.CancelAsync();

        Assert.Equal(130, await run.OrFail());
        await handler.Task.OrFail();
    }

    [Fact]
    public async Task Bytes_go_to_files_and_pipes()
    {
        byte[] bytes = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 7))];
        await ServeAsync<IFiles>(new Files(
            (name, _) => Task.FromResult<Stream>(new MemoryStream(bytes)),
            async (name, content, token) => $"{name} {(await ReadAllAsync(content, token)).SequenceEqual(bytes)}",
            async (content, token) => new MemoryStream([.. (await ReadAllAsync(content, token)).Reverse()])));
        string file = Path.Combine(_folder, "bytes");
        using var pipe = new MemoryStream();

        Assert.Equal(0, (await RunAsync(Console(), "call", Queue, "Download", "--name", "x", "-o", file)).Code);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file, Cancel));
        Assert.Equal("\"x True\"", (await RunAsync(Console(), "call", Queue, "Upload", "--name", "x", "--content=@" + file)).Out.Trim());
        Assert.Equal("\"x True\"", (await RunAsync(Console(input: bytes), "call", Queue, "Upload", "--name", "x")).Out.Trim());
        Assert.Equal(0, (await RunAsync(Console(input: [1, 2, 3], output: pipe), "call", Queue, "Convert")).Code);
        Assert.Equal([3, 2, 1], pipe.ToArray());
        ToolRun terminal = await RunAsync(Console(isTerminal: true), "call", Queue, "Download", "--name", "x");
        Assert.Equal((2, "'Download' returns bytes. -o FILE writes them to a file, and -o - to the terminal."), (terminal.Code, terminal.Error.Trim()));
        Assert.StartsWith("'/nowhere/at-all' cannot be written", (await RunAsync(Console(), "call", Queue, "Download", "--name", "x", "-o", "/nowhere/at-all")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_is_shown_on_a_terminal_and_replaced_by_the_result()
    {
        await ServeAsync<IJobs>(new Jobs((name, progress, _) =>
        {
            progress?.Report(new Step(1, "\u001b[2J"));
            return Task.FromResult(progress is null ? "alone" : "observed");
        }));

        ToolRun terminal = await RunAsync(Console(isTerminal: true), "call", Queue, "Run", "--name", "x");
        ToolRun file = await RunAsync(Console(), "call", Queue, "Run", "--name", "x");

        Assert.Equal("\r" + """progress: {"number":1,"text":"\u001B[2J"}""" + "\u001b[K\r\r\u001b[K\r", terminal.Error);
        Assert.Equal(("\"observed\"", "\"alone\"", ""), (terminal.Out.Trim(), file.Out.Trim(), file.Error));
    }

    [Fact]
    public async Task Descriptions_and_skeletons_tell_streams_from_values()
    {
        await ServeAsync<IJobs>(new Jobs((_, _, _) => Task.FromResult("")));

        ToolRun all = await RunAsync("", "describe", Queue);
        ToolRun skeleton = await RunAsync("", "call", Queue, "Import", "--skeleton");

        Assert.Contains("Import(parcels: stream of Parcel, stored: progress of int32, notes: progress of string) → int32", all.Lines);
        Assert.Equal("{}", skeleton.Out.Trim());
        Assert.StartsWith("'Import' has a stream", (await RunAsync("", "bench", Queue, "Import", "--i-know")).Error, StringComparison.Ordinal);
    }

    private async Task ServeAsync<T>(T service)
        where T : class, IRpcContract<T> => await (await ConnectAsync()).ServeAsync(service, ServerOptions, Cancel);

    private static async Task<Receipt> StoreAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken)
    {
        Parcel[] all = await parcels.ToArrayAsync(cancellationToken);
        return new Receipt(all.Length, $"{name}: {string.Join(' ', all.Select(parcel => parcel.Text))}");
    }

    private static IAsyncEnumerable<FeedItem> Answer(IAsyncEnumerable<Parcel> parcels) => parcels.Select(parcel => new FeedItem(parcel.Number, parcel.Text + "!"));

    private static async IAsyncEnumerable<FeedItem> EndlessAsync(TaskCompletionSource left, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            yield return new FeedItem(0, "zero");
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            left.SetResult();
        }
    }

    private static async Task<byte[]> ReadAllAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }

    private static Func<TextWriter, TextWriter, ToolConsole> Console(byte[]? input = null, Stream? output = null, bool isTerminal = false) => (result, error) =>
        new ToolConsole(result, error, TextReader.Null, isTerminal) { InBytes = new MemoryStream(input ?? []), OutBytes = output ?? Stream.Null, IsErrorTerminal = isTerminal };

    private async Task<ToolRun> RunAsync(string input, params string[] args)
    {
        using var reader = new StringReader(input);
        return await RunAsync((output, error) => new ToolConsole(output, error, reader), args);
    }

    private async Task<ToolRun> RunAsync(Func<TextWriter, TextWriter, ToolConsole> console, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await RpcGen.Cli.Tool.RunAsync([.. args, "--broker", Broker.Url], console(output, error), Cancel).OrFail();
        return new ToolRun(code, output.ToString(), error.ToString());
    }

    private sealed record ToolRun(int Code, string Out, string Error)
    {
        public string[] Lines => Out.TrimEnd().ReplaceLineEndings("\n").Split('\n');
    }

    /// <summary>A pipe whose reader is gone.</summary>
    private sealed class ClosedPipe : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value) => throw new IOException("Broken pipe");
    }

    /// <summary>A terminal at which nobody types. Like a console, it cannot interrupt a read.</summary>
    private sealed class SilentInput : TextReader
    {
        private readonly Channel<string?> _lines = Channel.CreateUnbounded<string?>();

        public override string? ReadLine() => _lines.Reader.ReadAsync().AsTask().GetAwaiter().GetResult();

        protected override void Dispose(bool disposing)
        {
            _lines.Writer.TryWrite(null); // lets the thread go
            base.Dispose(disposing);
        }
    }
}

public sealed class ToolStreamTestsInMemory(MemoryBroker broker) : ToolStreamTests(broker), IClassFixture<MemoryBroker>;

public sealed class ToolStreamTestsOnRabbitMq(SharedRabbit broker) : ToolStreamTests(broker);
