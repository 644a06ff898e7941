using Microsoft.Extensions.Time.Testing;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Running;

/// <summary>In which order waiting calls start.</summary>
public sealed class WaitingCallsTests
{
    private readonly WaitingCalls _calls = new();
    private readonly EarliestDeadline _deadlines = new(new FakeTimeProvider(), _ => long.MaxValue);

    [Fact]
    public void Calls_that_come_by_themselves_start_in_the_order_of_their_arrival()
    {
        Add("a");
        Add("b");
        Add("c");

        Assert.Equal(["a", "b", "c"], TakeAll());
    }

    [Fact]
    public void A_call_by_itself_waits_for_one_turn_of_each_earlier_batch()
    {
        AddBatch("a", 512);
        AddBatch("b", 512);
        Add("alone");

        List<string> order = TakeAll();

        Assert.Equal(2 * WaitingCalls.TurnLength, order.IndexOf("alone"));
        Assert.Equal(1025, order.Count);
    }

    [Fact]
    public void A_call_that_comes_while_a_batch_has_its_turn_waits_for_the_rest_of_the_turn()
    {
        AddBatch("a", 512);
        Take();
        Take();
        Add("alone");

        Assert.Equal(WaitingCalls.TurnLength - 2, TakeAll().IndexOf("alone"));
    }

    [Fact]
    public void Batches_take_turns_and_keep_the_order_of_their_calls()
    {
        AddBatch("a", 6);
        AddBatch("b", 1);
        AddBatch("c", 9);

        Assert.Equal(["a0", "a1", "a2", "a3", "b0", "c0", "c1", "c2", "c3", "a4", "a5", "c4", "c5", "c6", "c7", "c8"], TakeAll());
    }

    [Fact]
    public void However_many_calls_come_by_themselves_a_batch_has_its_turns()
    {
        AddBatch("a", 8);
        var order = new List<string>();
        for (int i = 0; i < 20; i++)
        {
            Add("alone");
            order.Add(Take());
        }

        Assert.Equal(8, order.Count(name => name.StartsWith('a') && name != "alone"));
    }

    [Fact]
    public void All_calls_are_seen_wherever_they_stand()
    {
        AddBatch("a", 6);
        Add("b");
        Take();

        Assert.Equal(["a1", "a2", "a3", "a4", "a5", "b"], _calls.All.Select(call => call.Type));
        Assert.Equal(6, _calls.Count);
        TakeAll();
        Assert.Empty(_calls.All);
    }

    [Fact]
    public void The_list_of_a_batch_is_used_again()
    {
        List<ServerCall> list = _calls.RentList();
        list.Add(Call("a"));
        list.Add(Call("b"));
        _calls.Add(list);
        Take();
        Assert.NotSame(list, _calls.RentList());

        Take();

        Assert.Same(list, _calls.RentList());
        Assert.Empty(list);
    }

    [Fact]
    public void A_bounded_number_of_lists_is_kept()
    {
        List<ServerCall>[] lists = [.. Enumerable.Range(0, 40).Select(_ => _calls.RentList())];
        Array.ForEach(lists, _calls.Return);

        Assert.Equal(16, Enumerable.Range(0, 40).Count(_ => lists.Contains(_calls.RentList(), ReferenceEqualityComparer.Instance)));
    }

    [Fact]
    public async Task A_scheduler_starts_a_call_by_itself_before_the_rest_of_a_batch()
    {
        var runner = new OneByOne(calls: 514);
        var scheduler = new CallScheduler(runner, _deadlines, maxRunning: 1);
        runner.Scheduler = scheduler;
        runner.OnBatch = batch =>
        {
            List<ServerCall> calls = scheduler.RentList();
            calls.AddRange(Enumerable.Range(0, 512).Select(i => Call($"{i}")));
            Assert.True(scheduler.TryAdd(batch, calls));
            scheduler.Add(Call("alone"));
        };
        scheduler.Add(Call("$batch"));

        await runner.Done.Soon();
        Assert.Equal(1 + WaitingCalls.TurnLength, runner.Order.IndexOf("alone"));
    }

    private void Add(string name) => _calls.Add(Call(name));

    private void AddBatch(string name, int calls) => _calls.Add([.. Enumerable.Range(0, calls).Select(i => Call($"{name}{i}"))]);

    private string Take() => _calls.Take().Type!;

    private List<string> TakeAll()
    {
        var order = new List<string>();
        while (_calls.Count > 0)
        {
            order.Add(Take());
        }

        return order;
    }

    private ServerCall Call(string name)
    {
        var call = new ServerCall(_deadlines);
        call.Begin(new RpcGen.Server.Acknowledging.Delivery(), new IncomingMessage { Type = name });
        return call;
    }

    /// <summary>Runs each call to its end at once; the one of type $batch adds its calls.</summary>
    private sealed class OneByOne(int calls) : ICallRunner
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public CallScheduler Scheduler { get; set; } = null!;

        public Action<ServerCall> OnBatch { get; set; } = _ => { };

        public List<string> Order { get; } = [];

        public Task RunAsync(ServerCall call)
        {
            Order.Add(call.Type!); // one call runs at a time
            if (call.Type == "$batch")
            {
                OnBatch(call);
            }

            Scheduler.End(call);
            if (Order.Count == calls)
            {
                _done.TrySetResult();
            }

            return Task.CompletedTask;
        }

        public void OnIdle()
        {
        }
    }
}
