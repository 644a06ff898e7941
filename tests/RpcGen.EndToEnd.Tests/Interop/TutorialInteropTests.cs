using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.EndToEnd.Tests.Interop;

/// <summary>The tutorial sample with clients and servers of other libraries, and their queues.</summary>
public sealed class TutorialInteropTests(SharedRabbit broker, Peers peers) : IClassFixture<Peers>, IAsyncLifetime
{
    private static readonly string[] Numbers = ["0", "1", "2", "30", "92"];
    private static readonly string[] Answers = ["fib(0) = 0", "fib(1) = 1", "fib(2) = 1", "fib(30) = 832040", "fib(92) = 7540113804746346429"];

    private readonly string _queue = $"t.{Guid.NewGuid():N}"[..14];

    [Theory]
    [InlineData("aio_pika")]
    [InlineData("pika")]
    [InlineData("amqplib")]
    [InlineData("amqplib", "--reply", "queue")]
    public async Task Their_client_is_answered_by_our_server(string library, params string[] arguments)
    {
        await using ChildProcess server = await StartOurServerAsync();

        (await RunTheirClientAsync(library, arguments)).AssertSuccess(Answers);
    }

    [Theory]
    [InlineData("aio_pika")]
    [InlineData("pika")]
    [InlineData("amqplib")]
    public async Task Our_client_is_answered_by_their_server(string library)
    {
        await using ChildProcess server = await StartTheirServerAsync(library);

        (await RunOurClientAsync()).AssertSuccess(Answers);
    }

    [Theory]
    [InlineData("aio_pika")]
    [InlineData("pika")]
    [InlineData("amqplib")]
    public async Task Concurrent_calls_to_their_server_each_get_their_own_reply(string library)
    {
        await using ChildProcess server = await StartTheirServerAsync(library, "--prefetch", "10");
        await using RpcConnection connection = await RpcConnection.ConnectAsync(broker.Url, TestContext.Current.CancellationToken);
        ITutorial tutorial = connection.CreateClient<ITutorial>(new RpcClientOptions { Queue = _queue });

        int[] numbers = [.. Enumerable.Range(0, 500).Select(i => i % 93)];
        long[] answers = await Task.WhenAll(numbers.Select(n => tutorial.FibAsync(n, TestContext.Current.CancellationToken))).OrFail();

        Assert.Equal(numbers.Select(Fib), answers);
    }

    [Theory]
    [InlineData("aio_pika", "transient")]
    [InlineData("aio_pika", "durable")]
    [InlineData("aio_pika", "quorum")]
    [InlineData("pika", "quorum")]
    [InlineData("amqplib", "quorum")]
    public async Task Our_server_uses_a_queue_that_theirs_declared(string library, string kind)
    {
        await using ChildProcess theirs = await StartTheirServerAsync(library, "--declare", kind);
        await using ChildProcess ours = await StartOurServerAsync();
        (await RunOurClientAsync()).AssertSuccess(Answers); // both serve it
        await theirs.TerminateAsync();

        (await RunTheirClientAsync(library)).AssertSuccess(Answers);
        (await RunOurClientAsync()).AssertSuccess(Answers);
        (await ours.TerminateAsync()).AssertSuccess("ready");
    }

    [Theory]
    [InlineData("aio_pika", "transient")]
    [InlineData("aio_pika", "durable")]
    [InlineData("pika", "durable")]
    [InlineData("pika", "quorum")]
    [InlineData("amqplib", "durable")]
    [InlineData("amqplib", "quorum")]
    public async Task Their_server_uses_a_queue_that_ours_declared(string library, string kind)
    {
        await using ChildProcess ours = await StartOurServerAsync("--declare", kind);
        await using ChildProcess theirs = await StartTheirServerAsync(library, "--declare", kind);
        (await RunTheirClientAsync(library)).AssertSuccess(Answers); // both serve it
        (await ours.TerminateAsync()).AssertSuccess("ready");

        (await RunOurClientAsync()).AssertSuccess(Answers);
        (await RunTheirClientAsync(library)).AssertSuccess(Answers);
    }

    [Fact]
    public async Task Without_a_queue_both_sides_use_the_tutorials()
    {
        await broker.DeleteQueueAsync("rpc_queue");
        try
        {
            await using (ChildProcess ours = await ChildProcess.StartServerAsync("dotnet", Repository.Sample("Tutorial"), "server", "--broker", broker.Url))
            {
                foreach (string library in (string[])["aio_pika", "pika", "amqplib"])
                {
                    (await peers.RunClientAsync(library, "--url", broker.Url, "30")).AssertSuccess("fib(30) = 832040");
                }

                (await ours.TerminateAsync()).AssertSuccess("ready");
            }

            await broker.DeleteQueueAsync("rpc_queue");
            await using ChildProcess theirs = await peers.StartServerAsync("aio_pika", "--url", broker.Url);
            (await ChildProcess.RunAsync("dotnet", Repository.Sample("Tutorial"), "client", "30", "--broker", broker.Url)).AssertSuccess("fib(30) = 832040");
        }
        finally
        {
            await broker.DeleteQueueAsync("rpc_queue");
        }
    }

    public ValueTask InitializeAsync()
    {
        peers.SkipIfMissing();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await broker.DeleteQueueAsync(_queue);

    private static long Fib(int n)
    {
        (long a, long b) = (0, 1);
        for (int i = 0; i < n; i++)
        {
            (a, b) = (b, a + b);
        }

        return a;
    }

    private Task<ChildProcess> StartOurServerAsync(params string[] arguments) =>
        ChildProcess.StartServerAsync("dotnet", [Repository.Sample("Tutorial"), "server", "--broker", broker.Url, "--queue", _queue, .. arguments]);

    private Task<Outcome> RunOurClientAsync() =>
        ChildProcess.RunAsync("dotnet", [Repository.Sample("Tutorial"), "client", .. Numbers, "--broker", broker.Url, "--queue", _queue]);

    private Task<ChildProcess> StartTheirServerAsync(string library, params string[] arguments) =>
        peers.StartServerAsync(library, ["--url", broker.Url, "--queue", _queue, .. arguments]);

    private Task<Outcome> RunTheirClientAsync(string library, params string[] arguments) =>
        peers.RunClientAsync(library, ["--url", broker.Url, "--queue", _queue, .. arguments, .. Numbers]);
}

/// <summary>The tutorial's service, as its clients declare it.</summary>
[AmqpRpc("rpc_queue", BodyStyle = RpcBodyStyle.Bare)]
internal partial interface ITutorial
{
    Task<long> FibAsync(int n, CancellationToken cancellationToken);
}
