using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using RpcGen.Cli;
using RpcGen.Cli.Exploring;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interop;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary><c>rpcgen explore</c>: who is answered, and the page in a browser.</summary>
public sealed class ExplorerTests(MemoryBroker broker, Peers peers) : EndToEndTest(broker), IClassFixture<MemoryBroker>, IClassFixture<Peers>
{
    /// <summary>Names and texts that would be run if they became markup, or changed all objects if they were set as members.</summary>
    private const string Hostile = """
        {"queue":"QUEUE","contract":"<img src=x onerror=hacked()>","summary":"<script>hacked()</script>","$defs":{"__proto__":{"polluted":1}},
         "methods":[{"name":"<img src=x onerror=hacked()>","summary":"<svg onload=hacked()>","timeout":1000,"policies":["<b>"],"faults":["<i>"],"faultData":{"<i>":{"properties":{"<u>":{"type":"string"}}}},
          "arguments":{"type":"object","properties":{"__proto__":{"type":"string","description":"<img src=x onerror=hacked()>","default":"<img src=x onerror=hacked()>"},"constructor":{"enum":["<a>"],"x-enum-varnames":["<img src=x onerror=hacked()>"]}}},"result":null}]}
        """;

    [Fact]
    public async Task Only_the_address_with_the_token_gets_data()
    {
        await using ExplorerHost host = await ExplorerHost.StartAsync(await ConnectAsync(), port: 0, isReadOnly: false, Cancel);
        using var client = new HttpClient { BaseAddress = new Uri(host.Address.GetLeftPart(UriPartial.Authority)) };
        string token = host.Address.Fragment["#token=".Length..];

        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(host.Address.Host)));
        Assert.True(token.Length >= 32);
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync("/", null)); // the page holds nothing of the broker
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync("/api/services", null));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync("/api/services", "1"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync("/api/services", token[..^1]));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync("/api/services", token));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync("/api/services", token, ("Host", "evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync("/api/services", token, ("Origin", "http://evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync("/api/services", token, ("Sec-Fetch-Site", "cross-site")));

        async Task<HttpStatusCode> StatusOfAsync(string path, string? given, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            foreach ((string name, string value) in given is null ? headers : [("X-RpcGen", given), .. headers])
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using HttpResponseMessage response = await client.SendAsync(request, Cancel).OrFail();
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task The_command_writes_the_address_and_ends_with_an_interrupt()
    {
        using var output = new StringWriter();
        using var interrupt = new CancellationTokenSource();

        Task<int> run = RpcGen.Cli.Tool.RunAsync(["explore", "--broker", Broker.Url], new ToolConsole(output, TextWriter.Null, TextReader.Null), interrupt.Token);
        await Wait.UntilAsync(() => output.ToString().Contains('\n', StringComparison.Ordinal), "the address is written");
        await interrupt.CancelAsync();

        Assert.Equal(0, await run.OrFail());
        Assert.Matches(@"^http://127\.0\.0\.1:\d+/#token=[\w-]{32}$", output.ToString().Trim());
        await using ExplorerHost host = await ExplorerHost.StartAsync(await ConnectAsync(), port: 0, isReadOnly: true, Cancel);
        UsageException taken = await Assert.ThrowsAsync<UsageException>(() => ExplorerHost.StartAsync(null!, host.Address.Port, isReadOnly: true, Cancel));
        Assert.Contains("--port", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_finds_calls_and_watches_services_in_a_browser()
    {
        peers.SkipIfMissing();
        (string kiosk, string feed, string hostile) = (Queue + ".kiosk", Queue + ".feed", Queue + ".hostile");
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RpcConnection services = await ConnectAsync();
        await services.ServeAsync<IKiosk>(new Kiosk(), new RpcServerOptions { Queue = kiosk }, Cancel);
        await services.ServeAsync<IFeed>(new Feed((_, token) => EndlessAsync(left, token)), new RpcServerOptions { Queue = feed }, Cancel);
        await using RawPeer rogue = await RawPeer.ConnectAsync(Broker, serves: hostile);
        using var end = new CancellationTokenSource();
        Task answers = AnswerAsync(rogue, Hostile.Replace("QUEUE", hostile, StringComparison.Ordinal), end.Token);
        await using ExplorerHost host = await ExplorerHost.StartAsync(await ConnectAsync(), port: 0, isReadOnly: false, Cancel);

        string[] pictures = Environment.GetEnvironmentVariable("RPCGEN_TEST_PICTURES") is { Length: > 0 } folder ? [folder] : [];
        Outcome outcome = await peers.RunNodeAsync("explorer_check.js", [Peers.Chromium, host.Address.ToString(), kiosk, feed, hostile, .. pictures]);
        await end.CancelAsync();

        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Errors);
        await left.Task.OrFail(); // the page has cancelled the stream
        await answers;
    }

    /// <summary>Answers every question with a description of its own, until the end.</summary>
    private static async Task AnswerAsync(RawPeer peer, string description, CancellationToken end)
    {
        try
        {
            while (true)
            {
                Received question = await peer.NextAsync().WaitAsync(end);
                if (question.ReplyTo is { } reply)
                {
                    await peer.Channel.PublishAsync(
                        new Transport.OutgoingMessage { Exchange = "", RoutingKey = reply, ContentType = "application/json", CorrelationId = new Transport.CorrelationId(question.CorrelationId), Body = Encoding.UTF8.GetBytes(description) },
                        end);
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // the page is closed
        }
    }

    private static async IAsyncEnumerable<FeedItem> EndlessAsync(TaskCompletionSource left, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            for (int i = 0; i < 5; i++)
            {
                yield return new FeedItem(i, $"item {i}");
            }

            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            left.SetResult();
        }
    }
}
