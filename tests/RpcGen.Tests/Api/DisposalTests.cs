using Microsoft.Extensions.Time.Testing;
using RpcGen.Tests.Hosting;
using RpcGen.Tests.Support;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Api;

/// <summary>What applications do at their end, in synchronous code too.</summary>
public sealed class DisposalTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thread_with_a_context_can_wait_for_the_stop_and_for_disposal()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RpcConnection connection = await RpcConnection.ConnectAsync(Application.NewAddress(), Cancel);
        RpcServer server = await connection.ServeAsync<IStock>(new Stock(), cancellationToken: Cancel);
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new BlockedContext());
            server.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
            connection.DisposeAsync().AsTask().GetAwaiter().GetResult();
            ended.SetResult();
        }) { IsBackground = true };

        thread.Start();

        await ended.Task.WaitAsync(Bounds.Soon, Cancel);
    }

    [Fact]
    public async Task A_disposed_connection_has_no_timer_left()
    {
        string address = Application.NewAddress();
        var time = new TimerCountingTime();
        using InMemoryBroker broker = InMemoryBrokers.Hold(address["memory://".Length..], time);
        broker.Block("the test wants calls to wait");
        RpcConnection connection = await RpcConnection.ConnectAsync(address, new RpcConnectionOptions { TimeProvider = time }, Cancel);
        IStock client = connection.CreateClient<IStock>();
        IOrders other = connection.CreateClient<IOrders>(); // its result has another type: its first call gets an object of its own
        int before = time.Active;
        Task<int> call = client.CountAsync("x", Cancel);
        Assert.True(time.Active > before);

        await connection.DisposeAsync();

        await Assert.ThrowsAsync<RpcConnectionException>(() => call);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.CountAsync("x", Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => other.GetAsync("x", Cancel));
        Assert.Equal(0, time.Active);
    }

    /// <summary>The context of a thread that waits: what is posted to it never runs.</summary>
    private sealed class BlockedContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            // The thread is blocked.
        }
    }

    /// <summary>Counts timers that are set and not disposed.</summary>
    private sealed class TimerCountingTime : FakeTimeProvider
    {
        private readonly HashSet<CountedTimer> _set = [];

        public int Active
        {
            get
            {
                lock (_set)
                {
                    return _set.Count;
                }
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new CountedTimer(this, base.CreateTimer(callback, state, dueTime, period));
            Note(timer, isSet: dueTime != Timeout.InfiniteTimeSpan);
            return timer;
        }

        private void Note(CountedTimer timer, bool isSet)
        {
            lock (_set)
            {
                _ = isSet ? _set.Add(timer) : _set.Remove(timer);
            }
        }

        private sealed class CountedTimer(TimerCountingTime time, ITimer inner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                time.Note(this, isSet: dueTime != Timeout.InfiniteTimeSpan);
                return inner.Change(dueTime, period);
            }

            public void Dispose()
            {
                time.Note(this, isSet: false);
                inner.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
