using System.Security.Cryptography;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Samples;
using RpcGen.EndToEnd.Tests.Streams;

namespace RpcGen.EndToEnd.Tests.Interop;

/// <summary>A program of another language gets progress, downloads and uploads, with nothing but the page on the protocol.</summary>
public sealed class StreamsInPythonTests(SharedRabbit broker, Peers peers) : BytesTest(broker), IClassFixture<Peers>
{
    [Fact]
    public async Task It_gets_the_progress_of_a_call()
    {
        const int Last = 2999;
        await (await ConnectAsync()).ServeAsync<IJobs>(
            new Jobs(async (name, progress, _) =>
            {
                for (int i = 0; i <= Last; i++)
                {
                    progress!.Report(new Step(i, "step"));
                    await Task.Yield();
                }

                return $"{name} is done";
            }),
            ServerOptions,
            Cancel);

        Outcome outcome = await RunAsync("progress", "x");

        string[] said = outcome.Output.Split(' ', 2);
        Assert.Equal($"{{'number': {Last}, 'text': 'step'}} x is done\n", said[1]); // the latest value always comes
        Assert.InRange(int.Parse(said[0], System.Globalization.CultureInfo.InvariantCulture), 2, Last + 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000_000)] // fifty windows
    public async Task It_downloads(int length)
    {
        byte[] content = Bytes(length);
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(new MemoryStream(content))));

        Outcome outcome = await RunAsync("download", "x");

        outcome.AssertSuccess($"{length} {Hash(content)}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000_000)]
    public async Task It_uploads(int length)
    {
        await ServeAsync(new Files(upload: async (name, content, _) => $"{name} {Hash(await ReadAllAsync(content))}"));

        Outcome outcome = await RunAsync("upload", "x", $"{length}");

        string hash = Hash([.. Enumerable.Range(0, length).Select(n => (byte)((long)n * n % 251))]);
        outcome.AssertSuccess($"{hash} x {hash}");
    }

    private Task<Outcome> RunAsync(params string[] arguments) =>
        peers.RunPythonAsync("streams_by_hand.py", [Broker.Url, Queue, .. arguments]);

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
