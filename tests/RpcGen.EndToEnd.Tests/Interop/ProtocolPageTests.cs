using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Samples;
using RpcGen.Protocol;
using RpcGen.Tests.Support;

namespace RpcGen.EndToEnd.Tests.Interop;

/// <summary>Runs the programs of docs/protocol.md as they are on the page.</summary>
[Collection(nameof(FibonacciSample))]
public sealed partial class ProtocolPageTests(SharedRabbit broker, Peers peers) : IClassFixture<Peers>, IAsyncLifetime
{
    private readonly string _page = File.ReadAllText(Repository.File("docs", "protocol.md")).ReplaceLineEndings("\n");

    [Fact]
    public async Task The_client_is_answered_by_a_server_of_ours()
    {
        await using ChildProcess server = await FibonacciSample.StartServerAsync(broker);

        Outcome outcome = await peers.RunScriptAsync(Code("A client by hand", "python"), broker.Url);

        Assert.Equal(new Outcome(0, Code("It prints:", ""), ""), outcome);
    }

    [Fact]
    public async Task The_server_answers_a_client_of_ours()
    {
        await using ChildProcess server = await peers.StartScriptServerAsync(Code("A server by hand", "python"), broker.Url);

        (await ChildProcess.RunAsync("dotnet", Repository.Sample("Fibonacci"), "client", "30", "--broker", broker.Url)).AssertSuccess("fib(30) = 832040");
        await using RpcConnection connection = await RpcConnection.ConnectAsync(broker.Url, TestContext.Current.CancellationToken);
        IRemoteFibonacci fibonacci = connection.CreateClient<IRemoteFibonacci>();
        var fault = await Assert.ThrowsAsync<RpcRemoteException>(() => fibonacci.FibonacciAsync(91, TestContext.Current.CancellationToken).OrFail());
        Assert.Equal(("internal", "n must be between 0 and 90"), (fault.Code, fault.Message));
    }

    [Fact]
    public async Task A_stream_is_read_and_left_by_hand()
    {
        string queue = $"t.{Guid.NewGuid():N}"[..14];
        var left = new TaskCompletionSource();
        await using RpcConnection connection = await RpcConnection.ConnectAsync(broker.Url, TestContext.Current.CancellationToken);
        await using (await connection.ServeAsync<IFeed>(new Feed(ReadAsync), new RpcServerOptions { Queue = queue }, TestContext.Current.CancellationToken))
        {
            Outcome outcome = await peers.RunScriptAsync(Code("## A stream by hand", "python"), broker.Url, queue, "1000");

            Assert.Equal(new Outcome(0, "1000\n{'number': 0, 'text': 'item'}\n", ""), outcome);
            await left.Task.OrFail();
        }

        await broker.DeleteQueueAsync(queue);

        async IAsyncEnumerable<FeedItem> ReadAsync(string count, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            cancellationToken.Register(left.SetResult);
            for (int i = 0; i < int.Parse(count, CultureInfo.InvariantCulture); i++)
            {
                yield return new FeedItem(i, "item");
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task A_stream_is_sent_by_hand()
    {
        string queue = $"t.{Guid.NewGuid():N}"[..14];
        await using RpcConnection connection = await RpcConnection.ConnectAsync(broker.Url, TestContext.Current.CancellationToken);
        var intake = new Intake(async (name, parcels, token) => new Receipt(await parcels.CountAsync(token), name), (_, _, _) => throw new InvalidOperationException("not expected"));
        await using (await connection.ServeAsync<IIntake>(intake, new RpcServerOptions { Queue = queue }, TestContext.Current.CancellationToken))
        {
            Outcome outcome = await peers.RunScriptAsync(Code("## An upload by hand", "python"), broker.Url, queue, "2050");

            Assert.Equal(new Outcome(0, "{'count': 2050, 'note': 'by hand'}\n", ""), outcome);
        }

        await broker.DeleteQueueAsync(queue);
    }

    [Fact]
    public async Task The_functions_for_batches_read_a_batch_of_the_page_and_write_one_that_we_read()
    {
        string batch = _page[_page.IndexOf("[\"9cc0fd4af3df1a75\",30", StringComparison.Ordinal)..];
        batch = batch[..batch.IndexOf("```", StringComparison.Ordinal)];
        string script = "import json, sys\n\n" + Code("In Python, this reads a batch, and this writes an entry:\n", "python") +
            "\nfor call_id, rest, body in read_batch(sys.argv[1].encode()):\n    sys.stdout.buffer.write(batch_entry(call_id, body, *rest))\n";

        Outcome outcome = await peers.RunScriptAsync(script, batch);

        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Errors));
        string read = BatchText.ReadRequest("$batch", outcome.Output).Replace(" ", "", StringComparison.Ordinal);
        Assert.Equal(BatchText.ReadRequest("$batch", batch), read);
        Assert.Contains("\"Quote\",30000,{\"article\":\"bolt\",\"quantity\":1},null,{\"tenant\":\"acme\"}]", read, StringComparison.Ordinal);
        byte[] written = Encoding.UTF8.GetBytes(outcome.Output);
        var reader = new BatchReader(written);
        Assert.True(reader.NextEntry());
        Assert.Equal("9cc0fd4af3df1a75", reader.Id.ToString());
        Assert.Equal("{\"article\":\"nut\",\"quantity\":3}", Encoding.UTF8.GetString(written[reader.Body]));
        Assert.True(reader.NextEntry());
        Assert.False(reader.NextEntry());
    }

    public async ValueTask InitializeAsync()
    {
        peers.SkipIfMissing();
        await broker.DeleteQueueAsync(FibonacciSample.Queue);
    }

    public async ValueTask DisposeAsync() => await broker.DeleteQueueAsync(FibonacciSample.Queue);

    /// <summary>The first code block of a language after a text.</summary>
    private string Code(string after, string language)
    {
        int start = _page.IndexOf($"{after}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"The page does not say '{after}'.");
        return Blocks().Matches(_page, start).First(match => match.Groups["language"].Value == language).Groups["code"].Value;
    }

    [GeneratedRegex("^```(?<language>[a-z]*)\n(?<code>(.*\n)*?)```$", RegexOptions.Multiline)]
    private static partial Regex Blocks();
}
