using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Server.Replying;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Running;

public sealed class CallSchedulerTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_more_calls_run_than_there_are_places_and_every_call_runs_once()
    {
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, maxRunning: 2);
        for (int i = 0; i < 50; i++)
        {
            scheduler.Add(Call(scheduler, i));
        }

        for (int ended = 0; ended < 50; ended++)
        {
            ServerCall call = await runner.Started.Reader.ReadAsync(Cancel).Soon();
            Assert.InRange(runner.Running, 1, 2);
            runner.End(scheduler, call);
        }

        Assert.Equal(0, runner.Running);
        Assert.False(runner.Started.Reader.TryRead(out _));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), runner.Seen.Order(Comparer<string>.Create((a, b) => int.Parse(a).CompareTo(int.Parse(b)))));
        scheduler.AbandonAll(_ => throw new InvalidOperationException("A call is left."));
    }

    [Fact]
    public async Task A_call_that_blocks_its_thread_does_not_hold_up_others()
    {
        using var gate = new ManualResetEventSlim();
        var runner = new HeldRunner { OnRun = call => { if (call.Type == "0") { gate.Wait(Cancel); } } };
        CallScheduler scheduler = Create(runner, maxRunning: 10);
        AddAll(scheduler, [.. Enumerable.Range(0, 5).Select(i => Call(scheduler, i))]);

        var others = new List<string?>();
        for (int i = 0; i < 4; i++)
        {
            others.Add((await runner.Started.Reader.ReadAsync(Cancel).Soon()).Type);
        }

        Assert.Equal(["1", "2", "3", "4"], others.Order());
        gate.Set();
        Assert.Equal("0", (await runner.Started.Reader.ReadAsync(Cancel).Soon()).Type);
    }

    [Fact]
    public async Task Calls_start_in_the_order_of_their_arrival()
    {
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, maxRunning: 1);
        for (int i = 0; i < 5; i++)
        {
            scheduler.Add(Call(scheduler, i));
        }

        for (int i = 0; i < 5; i++)
        {
            ServerCall call = await runner.Started.Reader.ReadAsync(Cancel).Soon();
            Assert.Equal($"{i}", call.Type);
            Assert.Equal((1, 4 - i), scheduler.Load);
            Assert.Equal(i < 4, runner.End(scheduler, call));
        }

        Assert.Equal((0, 0), scheduler.Load);
    }

    [Fact]
    public async Task Calls_that_have_not_ended_are_abandoned_whether_they_wait_or_run()
    {
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, maxRunning: 1);
        scheduler.Add(Call(scheduler, 1));
        scheduler.Add(Call(scheduler, 2));
        ServerCall running = await runner.Started.Reader.ReadAsync(Cancel).Soon();
        var found = new List<ServerCall>();

        scheduler.AbandonAll(found.Add);

        Assert.Equal(["1", "2"], found.Select(call => call.Type));
        Assert.All(found, call => Assert.True(call.IsAbandoned));
        Assert.Same(running, found[0]);
    }

    [Fact]
    public async Task A_call_is_found_by_reply_address_and_id_until_it_ends()
    {
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, maxRunning: 3);
        for (int i = 0; i < 3; i++)
        {
            scheduler.Add(Call(scheduler, i));
        }

        ServerCall[] calls = [await runner.Started.Reader.ReadAsync(Cancel).Soon(), await runner.Started.Reader.ReadAsync(Cancel).Soon(), await runner.Started.Reader.ReadAsync(Cancel).Soon()];
        ServerCall first = calls.Single(call => call.Type == "0");
        ServerCall last = calls.Single(call => call.Type == "2");
        runner.End(scheduler, first); // the last one takes its place in the list

        Assert.False(scheduler.TryCancel("reply", new CorrelationId("0")));
        Assert.False(scheduler.TryCancel("another", new CorrelationId("2")));
        Assert.False(last.IsCancelledByCaller);
        Assert.True(scheduler.TryCancel("reply", new CorrelationId("2")));
        Assert.True(last.IsCancelledByCaller);
        runner.End(scheduler, last);
        Assert.False(scheduler.TryCancel("reply", new CorrelationId("2")));
    }

    [Fact]
    public async Task Ended_calls_are_reused_up_to_the_bound_of_the_pool()
    {
        const int Bound = 1024;
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, maxRunning: 1);
        ServerCall[] calls = [.. Enumerable.Range(0, Bound + 1).Select(i => Call(scheduler, i))];
        AddAll(scheduler, calls);
        for (int i = 0; i < calls.Length; i++)
        {
            runner.End(scheduler, await runner.Started.Reader.ReadAsync(Cancel).Soon());
        }

        var reused = new HashSet<ServerCall>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i <= Bound; i++)
        {
            reused.Add(scheduler.Rent());
        }

        Assert.Equal(Bound, calls.Count(reused.Contains));
    }

    [Fact]
    public async Task The_pool_holds_twice_the_calls_that_run()
    {
        const int Places = 600;
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, Places);
        ServerCall[] calls = [.. Enumerable.Range(0, (2 * Places) + 1).Select(i => Call(scheduler, i))];
        AddAll(scheduler, calls);
        for (int i = 0; i < calls.Length; i++)
        {
            runner.End(scheduler, await runner.Started.Reader.ReadAsync(Cancel).Soon());
        }

        var reused = new HashSet<ServerCall>(Enumerable.Range(0, calls.Length).Select(_ => scheduler.Rent()), ReferenceEqualityComparer.Instance);

        Assert.Equal(2 * Places, calls.Count(reused.Contains));
    }

    [Fact]
    public async Task Late_calls_are_cancelled_and_the_next_deadline_is_given()
    {
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, maxRunning: 3);
        foreach (int i in new[] { 1, 2, 3 })
        {
            scheduler.Add(Call(scheduler, i));
        }

        var calls = new List<ServerCall>();
        foreach (int _ in new[] { 1, 2, 3 })
        {
            ServerCall call = await runner.Started.Reader.ReadAsync(Cancel).Soon();
            call.Deadline = _time.GetTimestamp() + int.Parse(call.Type!);
            Assert.True(call.TryStart(TestMethod.Create("m"), out CancellationToken _));
            calls.Add(call);
        }

        long start = _time.GetTimestamp();
        Assert.Equal(start + 2, scheduler.CancelLate(start + 1));
        Assert.Equal(["1"], calls.Where(call => call.IsCancellationRequested).Select(call => call.Type));
        Assert.Equal(long.MaxValue, scheduler.CancelLate(start + 3));
        Assert.All(calls, call => Assert.True(call.IsCancellationRequested));
    }

    [Fact]
    public async Task Gathered_replies_are_sent_once_no_call_can_start()
    {
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, maxRunning: 1);
        var replies = new Replies();

        scheduler.Add(replies);

        await replies.Sent.Soon();
        await runner.Idle.Soon();
        Assert.Equal(1, replies.Asked);
    }

    [Fact]
    public async Task Replies_that_are_worth_waiting_for_are_queued_again()
    {
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, maxRunning: 1);
        var replies = new Replies { Waits = 2 };

        scheduler.Add(replies);

        await replies.Sent.Soon();
        Assert.Equal(3, replies.Asked);
    }

    [Fact]
    public async Task A_worker_without_work_says_so()
    {
        var runner = new HeldRunner();
        CallScheduler scheduler = Create(runner, maxRunning: 1);

        scheduler.Add(Call(scheduler, 1));

        await runner.Started.Reader.ReadAsync(Cancel).Soon();
        await runner.Idle.Soon();
    }

    private CallScheduler Create(ICallRunner runner, int maxRunning) => new(runner, new EarliestDeadline(_time, _ => long.MaxValue), maxRunning);

    private static void AddAll(CallScheduler scheduler, ServerCall[] calls) => Array.ForEach(calls, scheduler.Add);

    private static ServerCall Call(CallScheduler scheduler, int number)
    {
        ServerCall call = scheduler.Rent();
        call.Begin(
            new RpcGen.Server.Acknowledging.Delivery(),
            new IncomingMessage { Type = $"{number}", CorrelationId = $"{number}", ReplyTo = "reply" });
        call.Delivery.Begin(new IncomingMessage { ReplyTo = "reply" }, receivedAt: 0, maxBodyBytes: 0);
        return call;
    }

    private sealed class Replies : IGatheredReplies
    {
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _asked;

        public int Waits { get; init; }

        public int Asked => _asked;

        public Task Sent => _sent.Task;

        public bool IsWorthWaiting() => _asked++ < Waits;

        public Task SendAsync()
        {
            _sent.SetResult();
            return Task.CompletedTask;
        }
    }

    /// <summary>Reports each call that it gets; the test ends it.</summary>
    private sealed class HeldRunner : ICallRunner
    {
        private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _running;

        public Action<ServerCall>? OnRun { get; init; }

        public System.Threading.Channels.Channel<ServerCall> Started { get; } = System.Threading.Channels.Channel.CreateUnbounded<ServerCall>();

        public ConcurrentQueue<string> Seen { get; } = new();

        public int Running => Volatile.Read(ref _running);

        public Task Idle => _idle.Task;

        public Task RunAsync(ServerCall call)
        {
            Interlocked.Increment(ref _running);
            Seen.Enqueue(call.Type!);
            OnRun?.Invoke(call);
            Started.Writer.TryWrite(call);
            return Task.CompletedTask;
        }

        public bool End(CallScheduler scheduler, ServerCall call)
        {
            Interlocked.Decrement(ref _running);
            return scheduler.End(call);
        }

        public void OnIdle() => _idle.TrySetResult();
    }
}
