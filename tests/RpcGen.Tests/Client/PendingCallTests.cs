using RpcGen.Client;
using RpcGen.Runtime;
using RpcGen.Serialization;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Client;

public sealed class PendingCallTests : IAsyncLifetime
{
    private RpcConnection _connection = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _connection = await RpcConnection.ConnectAsync(new InMemoryTransport($"{Guid.NewGuid()}", TimeProvider.System), new RpcConnectionOptions(), SystemRandomSource.Instance, Cancel);

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    [Fact]
    public void Ids_do_not_repeat_when_slots_change_hands()
    {
        CallPool<int> pool = _connection.Calls.GetPool<int>();
        var seen = new HashSet<string>();
        for (int burst = 0; burst < 5; burst++)
        {
            PendingCall<int>[] calls = [.. Enumerable.Range(0, 2_500).Select(_ => Begin(pool.Rent()))]; // more than the pool keeps
            Assert.All(calls, call => Assert.True(seen.Add(call.Id.ToString()!)));
            foreach (PendingCall<int> call in calls)
            {
                Assert.True(call.TryFinish(call.Current.Generation));
                call.SetException(new InvalidOperationException("over"));
                Assert.ThrowsAny<InvalidOperationException>(() => call.Task.GetAwaiter().GetResult());
            }
        }
    }

    [Fact]
    public void A_second_await_does_not_end_the_next_use()
    {
        CallPool<int> pool = _connection.Calls.GetPool<int>();
        PendingCall<int> call = Begin(pool.Rent());
        Assert.True(call.TryHold(call.Current.Generation)); // as a publish that is still under way does
        ValueTask<int> task = call.Task;
        Assert.True(call.TryFinish(call.Current.Generation));
        call.SetException(new InvalidOperationException("over"));

        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());

        Assert.NotSame(call, pool.Rent());
        call.Release();
        Assert.Same(call, pool.Rent());
    }

    private static PendingCall<int> Begin(PendingCall<int> call)
    {
        call.Begin(new EmptyMethod(), new ServiceAddress("q", RpcBodyStyle.Object), Timeout.InfiniteTimeSpan, long.MaxValue, batched: null);
        return call;
    }

    private sealed class EmptyMethod() : Generated.RpcMethod<PendingCallTests, int, int>(RpcJsonFactory.Create([], new Generated.RpcContract("q")), "Empty")
    {
        public override ValueTask<int> InvokeAsync(PendingCallTests service, int arguments, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
