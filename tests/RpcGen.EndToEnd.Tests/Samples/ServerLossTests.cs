using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>One of two servers is lost while calls are under way.</summary>
[Collection(nameof(FibonacciSample))]
public sealed class ServerLossTests(SharedRabbit broker) : IAsyncLifetime
{
    private const int Calls = 5_000;
    private const int Callers = 64;
    private readonly TaskCompletionSource _isMidRun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _begun;
    private int _right;
    private int _failed;

    [Fact]
    public async Task Every_call_has_an_outcome_when_a_server_is_killed()
    {
        await using ChildProcess victim = await FibonacciSample.StartServerAsync(broker);
        await using ChildProcess survivor = await FibonacciSample.StartServerAsync(broker);

        Task calling = CallAsync();
        await _isMidRun.Task.OrFail();
        await victim.KillAsync();
        await calling.OrFail();

        Assert.Equal(Calls, _right + _failed);
        Assert.Equal(0, _failed); // the other server has taken over all requests
        await AssertQueueIsDoneAsync();
    }

    [Fact]
    public async Task Stopping_a_server_affects_no_call()
    {
        await using ChildProcess leaver = await FibonacciSample.StartServerAsync(broker);
        await using ChildProcess stayer = await FibonacciSample.StartServerAsync(broker);

        Task calling = CallAsync();
        await _isMidRun.Task.OrFail();
        (await leaver.TerminateAsync()).AssertSuccess("ready");
        await calling.OrFail();

        Assert.Equal(Calls, _right);
        await AssertQueueIsDoneAsync();
    }

    public async ValueTask InitializeAsync() => await broker.DeleteQueueAsync(FibonacciSample.Queue);

    public ValueTask DisposeAsync() => InitializeAsync();

    /// <summary>Makes all calls. Fails if a result is wrong, or an exception is not one of RpcGen's.</summary>
    private async Task CallAsync()
    {
        await using RpcConnection connection = await RpcConnection.ConnectAsync(broker.Url);
        IRemoteFibonacci fibonacci = connection.CreateClient<IRemoteFibonacci>();
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref _begun) <= Calls)
            {
                try
                {
                    Assert.Equal(832040, await fibonacci.FibonacciAsync(30, CancellationToken.None));
                    Interlocked.Increment(ref _right);
                }
                catch (RpcException)
                {
                    Interlocked.Increment(ref _failed);
                }

                if (_right >= Calls / 5)
                {
                    _isMidRun.TrySetResult();
                }
            }
        })));
    }

    private Task AssertQueueIsDoneAsync() => Wait.UntilAsync(
        async () => await broker.FindQueueAsync(FibonacciSample.Queue) is { Ready: 0, Unacknowledged: 0 or null, Consumers: 1 },
        "nothing is left in the queue and one server serves it");
}
