using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.LongCalls;
using RpcGen.Protocol;
using RpcGen.Runtime;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Any one message is lost without a trace. The call then fails, or has all that it should have.</summary>
public sealed class LostMessageTests(MemoryBroker broker) : BytesTest(broker), IClassFixture<MemoryBroker>
{
    /// <summary>Losses of one conversation that happen at the same time, each with connections of its own.</summary>
    private const int AtATime = 8;

    /// <summary>How soon a loss is found. On a busy machine, peers that beat so often can be lost without a reason.</summary>
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(500);

    [Fact]
    public Task Of_a_stream() => LoseEachAsync(
        connection => connection.ServeAsync<IFeed>(new Feed((_, token) => StreamTest.ItemsAsync(2000, token)), ServerOptions, Cancel),
        async (connection, client) => Assert.Equal(Enumerable.Range(0, 2000), (await connection.CreateClient<IFeed>(client).ReadAsync("x", Cancel).ToListAsync(Cancel)).Select(item => item.Number)));

    [Fact]
    public Task Of_a_download() => LoseEachAsync(
        connection => connection.ServeAsync<IFiles>(new Files((_, _) => Task.FromResult<Stream>(new MemoryStream(Bytes(30_000)))), ServerOptions, Cancel),
        async (connection, client) => Assert.Equal(Bytes(30_000), await ReadAllAsync(await connection.CreateClient<IFiles>(client).DownloadNarrowlyAsync("x", Cancel))));

    [Fact]
    public Task Of_an_upload() => LoseEachAsync(
        connection => connection.ServeAsync<IFiles>(new Files(upload: async (name, content, _) => name + Convert.ToHexString(await ReadAllAsync(content))), ServerOptions, Cancel),
        async (connection, client) => Assert.Equal("x" + Convert.ToHexString(Bytes(30_000)), await connection.CreateClient<IFiles>(client).UploadNarrowlyAsync("x", new MemoryStream(Bytes(30_000)), Cancel)));

    [Fact]
    public Task Of_a_call_with_progress() => LoseEachAsync(
        connection => connection.ServeAsync<IJobs>(
            new Jobs(async (name, progress, _) =>
            {
                for (int i = 0; i <= 100; i++)
                {
                    progress!.Report(new Step(i, "x"));
                    await Task.Yield();
                }

                return name;
            }),
            ServerOptions,
            Cancel),
        async (connection, client) =>
        {
            var steps = new List<int>();
            Assert.Equal("x", await connection.CreateClient<IJobs>(client).RunAsync("x", new Listed(steps), Cancel));
            Assert.Equal(100, steps[^1]);
            Assert.Equal(steps.Order(), steps);
        });

    [Fact]
    public Task Of_a_long_call() => LoseEachAsync(
        connection => connection.ServeAsync<IErrands>(
            new Errands(async (text, token) =>
            {
                await Task.Delay(200, token); // long enough to be announced and taken over
                return text;
            }),
            ServerOptions,
            Cancel),
        async (connection, client) =>
        {
            Assert.Equal("x", await connection.CreateClient<IErrands>(client).RunAsync("x", Cancel)); // what is lost is sent again
            await LongCallTest.UntilForgottenAsync(connection);
        },
        mustSucceed: true);

    /// <summary>Loses the first message, then the second one in another conversation, until one is shorter than that.</summary>
    private async Task LoseEachAsync(Func<RpcConnection, Task<RpcServer>> serveAsync, Func<RpcConnection, RpcClientOptions, Task> callAsync, bool mustSucceed = false)
    {
        for (int first = 1; ; first += AtATime)
        {
            string?[] lost = await Task.WhenAll(Enumerable.Range(first, AtATime).Select(number => LoseAsync(number, serveAsync, callAsync, mustSucceed, Often))).OrFail();
            if (lost.Contains(null))
            {
                Assert.True(first > 1 || lost[0] is not null, "nothing was ever lost");
                return;
            }
        }
    }

    private async Task<string?> LoseAsync(int number, Func<RpcConnection, Task<RpcServer>> serveAsync, Func<RpcConnection, RpcClientOptions, Task> callAsync, bool mustSucceed, TimeSpan heartbeat)
    {
        using var alone = new MemoryBroker();
        var loss = new Loss(number);
        await using RpcConnection serving = await ConnectAsync(alone, loss, heartbeat);
        await using RpcServer server = await serveAsync(serving);
        await using RpcConnection calling = await ConnectAsync(alone, loss, heartbeat);
        bool isFirst = number == 1; // without it, the client cannot know that its call is open
        try
        {
            await callAsync(calling, new RpcClientOptions(ClientOptions) { Timeout = TimeSpan.FromSeconds(isFirst && !mustSucceed ? 2 : 50) });
        }
        catch (RpcConnectionException) when ((loss.Lost is null || mustSucceed) && heartbeat == Often)
        {
            return await LoseAsync(number, serveAsync, callAsync, mustSucceed, StreamBeat.Default);
        }
        catch (RpcException e) when (loss.Lost is not null && !mustSucceed)
        {
            Assert.True(e is RpcProtocolException or RpcConnectionException || (isFirst && e is RpcTimeoutException), $"without '{loss.Lost}', message {number}: {e}");
        }

        return loss.Lost;
    }

    private static Task<RpcConnection> ConnectAsync(MemoryBroker broker, Loss loss, TimeSpan heartbeat)
    {
        var options = new RpcConnectionOptions { PeerHeartbeat = heartbeat };
        return RpcConnection.ConnectAsync(new LosingTransport(TransportFactory.Create(broker.Url, options), loss), options, SystemRandomSource.Instance, Cancel);
    }

    private sealed class Listed(List<int> steps) : IProgress<Step>
    {
        public void Report(Step value) => steps.Add(value.Number);
    }
}
