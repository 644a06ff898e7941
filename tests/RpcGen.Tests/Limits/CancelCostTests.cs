using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Running;
using RpcGen.Tests.Server;
using RpcGen.Transport;

namespace RpcGen.Tests.Limits;

/// <summary>A cancel costs the same however many calls wait, and does not wait for the scheduler's lock.</summary>
public sealed class CancelCostTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Channel<ServerCall> _started = Channel.CreateUnbounded<ServerCall>();

    [Fact]
    public async Task A_cancel_does_not_need_the_schedulers_lock()
    {
        var scheduler = new CallScheduler(new Runner(_started), new EarliestDeadline(_time, _ => long.MaxValue), maxRunning: 2);
        scheduler.Add(Call(scheduler, "1"));
        ServerCall running = await _started.Reader.ReadAsync(TestContext.Current.CancellationToken).Soon();
        using var isHeld = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        Task holder = Task.Run(() => scheduler.AbandonAll(_ =>
        {
            isHeld.Set(); // under the lock
            release.Wait(TestContext.Current.CancellationToken);
        }), TestContext.Current.CancellationToken);
        isHeld.Wait(TestContext.Current.CancellationToken);

        Task<bool> cancel = Task.Run(() => scheduler.TryCancel("reply", new CorrelationId("1")), TestContext.Current.CancellationToken);

        Assert.True(await cancel.Soon());
        Assert.True(running.IsCancelledByCaller);
        release.Set();
        await holder.Soon();
    }

    [Fact]
    public async Task Calls_that_wait_are_not_searched()
    {
        var scheduler = new CallScheduler(new Runner(_started), new EarliestDeadline(_time, _ => long.MaxValue), maxRunning: 1);
        scheduler.Add(Call(scheduler, "1"));
        await _started.Reader.ReadAsync(TestContext.Current.CancellationToken).Soon();
        ServerCall waiting = Call(scheduler, "2");
        scheduler.Add(waiting);

        Assert.False(scheduler.TryCancel("reply", new CorrelationId("2")));

        Assert.False(waiting.IsCancelledByCaller); // it asks for its cancel when it starts
    }

    [Fact]
    public async Task A_call_that_is_cancelled_while_it_waits_does_not_run()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int runs = 0;
        var server = new TestServer { Settings = TestServer.CreateSettings() with { MaxConcurrentCalls = 1 } };
        server.Serve(async (text, _) =>
        {
            Interlocked.Increment(ref runs);
            await open.Task;
            return text;
        });
        await server.Link.StartAsync(hasBroadcasts: false, TestContext.Current.CancellationToken);
        server.Deliver(TestServer.Request(id: "1", tag: 1));
        server.Deliver(TestServer.Request(id: "2", tag: 2));
        await TaskBounds.Until(() => server.Link.Load == (1, 1));
        var cancel = new IncomingMessage { ReplyTo = "rpc.cb.me", CorrelationId = "2" };
        server.Channel.Consumers.Single(consumer => consumer.Key.StartsWith("rpc.cx.", StringComparison.Ordinal)).Value.Consumer.OnDelivered(in cancel);

        open.SetResult();

        await TaskBounds.Until(() => server.Link.Load == (0, 0));
        Assert.Equal(1, runs);
        Assert.Equal("1", (await server.Channel.NextReplyAsync()).Id);
        Assert.Equal(0, server.Channel.PendingReplies);
    }

    [Fact]
    public void Running_calls_are_found_among_many_and_only_while_they_run()
    {
        var calls = new RunningCalls(maxRunning: 100); // chains of several calls, since more run than planned
        ServerCall[] all = [.. Enumerable.Range(0, 1000).Select(i => Call(new ServerCall(new EarliestDeadline(_time, _ => long.MaxValue)), $"{i:x16}"))];
        Array.ForEach(all, calls.Add);
        for (int i = 0; i < all.Length; i += 2)
        {
            calls.Remove(all[i]);
        }

        Assert.Equal(500, calls.Count);
        for (int i = 0; i < all.Length; i++)
        {
            Assert.False(calls.TryCancel("other", new CorrelationId($"{i:x16}")));
            Assert.Equal(i % 2 == 1, calls.TryCancel("reply", i % 3 == 0 ? new CorrelationId($"{i:x16}") : new CorrelationId((ulong)i)));
            Assert.Equal(i % 2 == 1, all[i].IsCancelledByCaller);
        }
    }

    [Fact]
    public async Task Calls_are_found_while_others_come_and_go()
    {
        var calls = new RunningCalls(maxRunning: 16);
        ServerCall constant = Call(new ServerCall(new EarliestDeadline(_time, _ => long.MaxValue)), "constant");
        ServerCall[] others = [.. Enumerable.Range(0, 64).Select(i => Call(new ServerCall(new EarliestDeadline(_time, _ => long.MaxValue)), $"{i}"))];
        calls.Add(constant);
        using var stop = new CancellationTokenSource();
        Task coming = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                Array.ForEach(others, calls.Add);
                Array.ForEach(others, calls.Remove);
            }
        }, TestContext.Current.CancellationToken);

        for (int i = 0; i < 100_000; i++)
        {
            Assert.True(calls.TryCancel("reply", new CorrelationId("constant")));
            Assert.False(calls.TryCancel("reply", new CorrelationId("missing")));
        }

        await stop.CancelAsync();
        await coming.Soon();
    }

    private static ServerCall Call(CallScheduler scheduler, string id) => Call(scheduler.Rent(), id);

    private static ServerCall Call(ServerCall call, string id)
    {
        var delivery = new Delivery();
        delivery.Begin(new IncomingMessage { ReplyTo = "reply" }, receivedAt: 0, maxBodyBytes: 0);
        call.Begin(delivery, new IncomingMessage { CorrelationId = id, ReplyTo = "reply" });
        return call;
    }

    private sealed class Runner(Channel<ServerCall> started) : ICallRunner
    {
        public Task RunAsync(ServerCall call)
        {
            started.Writer.TryWrite(call);
            return Task.CompletedTask;
        }

        public void OnIdle()
        {
        }
    }
}
