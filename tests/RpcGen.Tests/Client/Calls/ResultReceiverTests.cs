using RpcGen.Client.Calls;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Awaits that come twice or too early, and receivers that are used again.</summary>
public sealed class ResultReceiverTests : PendingCallTest
{
    [Fact]
    public void A_second_await_does_not_end_the_next_call()
    {
        var pool = new ReceiverPool<int>(Recorder, Table, Time);
        ResultReceiver<int> receiver = pool.Rent();
        long generation = receiver.Begin(new TestMethod<int>(), Route, batching: null);
        Assert.True(receiver.Call.TryPin(generation)); // as a publish does that is still under way
        ValueTask<int> task = receiver.Task;
        Assert.True(receiver.Call.TryComplete(generation));
        receiver.Call.SetException(new InvalidOperationException("over"));

        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());

        Assert.NotSame(receiver, pool.Rent());
        receiver.Call.Unpin();
        Assert.Same(receiver, pool.Rent());
    }

    [Fact]
    public void An_await_that_comes_too_early_does_not_end_the_call()
    {
        var pool = new ReceiverPool<int>(Recorder, Table, Time);
        ResultReceiver<int> receiver = pool.Rent();
        long generation = receiver.Begin(new TestMethod<int>(), Route, batching: null);
        ValueTask<int> task = receiver.Task;
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult());

        Assert.True(receiver.Call.TryComplete(generation));
        Assert.Throws<InvalidOperationException>(() => task.GetAwaiter().GetResult()); // complete, but without the outcome
        Assert.Equal(CallStage.Done, receiver.Call.Current.Stage);
        receiver.Call.SetResult("5"u8);

        Assert.Equal(5, Take(task));
        Assert.Same(receiver, pool.Rent());
    }

    [Fact]
    public void Ids_do_not_repeat_when_slots_change_hands()
    {
        var pool = new ReceiverPool<int>(Recorder, Table, Time);
        var seen = new HashSet<ulong>();
        for (int burst = 0; burst < 3; burst++)
        {
            ResultReceiver<int>[] receivers = [.. Enumerable.Range(0, ReceiverPool<int>.Capacity + 100).Select(_ => pool.Rent())];
            foreach (ResultReceiver<int> receiver in receivers)
            {
                receiver.Begin(new TestMethod<int>(), Route, batching: null);
                Assert.True(seen.Add(receiver.Call.Id.Number));
                Assert.True(receiver.Call.TryComplete(receiver.Call.Current.Generation));
                receiver.Call.SetResult("1"u8);
                Assert.Equal(1, Take(receiver.Task));
            }

            Assert.Equal(ReceiverPool<int>.Capacity + 1 + 1, Table.Snapshot().Count()); // the pool's first place, and Call
        }
    }

    private static T Take<T>(ValueTask<T> task) => task.GetAwaiter().GetResult();
}
