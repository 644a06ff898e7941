using System.Collections.Concurrent;
using RpcGen.Server;
using RpcGen.Transport;

namespace RpcGen.Tests.Server;

public sealed class CallSchedulerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_more_run_than_there_are_places_and_every_call_runs_once()
    {
        var runner = new HeldRunner();
        var scheduler = new CallScheduler(runner, maxRunning: 2);
        for (int i = 0; i < 50; i++)
        {
            scheduler.Add(Call(scheduler, i));
        }

        for (int ended = 0; ended < 50; ended++)
        {
            ServerCall call = await runner.Started.Reader.ReadAsync(Cancel);
            Assert.InRange(runner.Running, 1, 2);
            runner.End(scheduler, call);
        }

        Assert.Equal(0, runner.Running);
        Assert.False(runner.Started.Reader.TryRead(out _));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), runner.Seen.Order(Comparer<string>.Create((a, b) => int.Parse(a).CompareTo(int.Parse(b)))));
        scheduler.ForEachUnended(_ => throw new InvalidOperationException("A call is left."));
    }

    [Fact]
    public async Task A_call_that_holds_its_thread_keeps_no_other_from_running()
    {
        using var gate = new ManualResetEventSlim();
        var runner = new HeldRunner { OnRun = call => { if (call.Type == "0") { gate.Wait(Cancel); } } };
        var scheduler = new CallScheduler(runner, maxRunning: 10);
        scheduler.Add(Enumerable.Range(0, 5).Select(i => Call(scheduler, i)).ToArray());

        var others = new List<string?>();
        for (int i = 0; i < 4; i++)
        {
            others.Add((await runner.Started.Reader.ReadAsync(Cancel)).Type);
        }

        Assert.Equal(["1", "2", "3", "4"], others.Order());
        gate.Set();
        Assert.Equal("0", (await runner.Started.Reader.ReadAsync(Cancel)).Type);
    }

    [Fact]
    public void Calls_that_have_not_ended_are_found_while_they_wait_and_run()
    {
        var scheduler = new CallScheduler(new HeldRunner(), maxRunning: 1);
        scheduler.Add(Call(scheduler, 1));
        scheduler.Add(Call(scheduler, 2));

        var found = new List<string?>();
        scheduler.ForEachUnended(call =>
        {
            found.Add(call.Type);
            return true;
        });

        Assert.Equal(["1", "2"], found);
    }

    private static ServerCall Call(CallScheduler scheduler, int number)
    {
        ServerCall call = scheduler.Rent();
        call.Begin(new Delivery(), new CorrelationId($"{number}"), $"{number}", budget: null, default, traceParent: null);
        return call;
    }

    /// <summary>Tells of each call that it gets; the test ends it.</summary>
    private sealed class HeldRunner : ICallRunner
    {
        private int _running;

        public Action<ServerCall>? OnRun { get; init; }

        public System.Threading.Channels.Channel<ServerCall> Started { get; } = System.Threading.Channels.Channel.CreateUnbounded<ServerCall>();

        public ConcurrentQueue<string> Seen { get; } = new();

        public int Running => Volatile.Read(ref _running);

        public TimeProvider Time => TimeProvider.System;

        public Task RunAsync(ServerCall call)
        {
            Interlocked.Increment(ref _running);
            Seen.Enqueue(call.Type!);
            OnRun?.Invoke(call);
            Started.Writer.TryWrite(call);
            return Task.CompletedTask;
        }

        public void End(CallScheduler scheduler, ServerCall call)
        {
            Interlocked.Decrement(ref _running);
            scheduler.End(call);
        }

        public void OnIdle()
        {
        }

        public void WatchDeadline(long deadline)
        {
        }
    }
}
