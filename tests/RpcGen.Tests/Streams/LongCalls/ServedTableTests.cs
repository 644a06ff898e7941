using RpcGen.Protocol;
using RpcGen.Streams.LongCalls;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Streams.LongCalls;

/// <summary>Every move of a long call on the side of its server.</summary>
public sealed partial class ServedTableTests
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly LongReply Reply = new(null, "1"u8.ToArray(), null);

    private readonly ManualTime _time = new();
    private readonly ServedTable _table;
    private long _number;

    public ServedTableTests() => _table = new ServedTable(_time);

    [Fact]
    public void A_call_is_taken_over_when_its_caller_has_said_that_it_waits()
    {
        TestCall call = Announce("a");
        Assert.Equal([call], _table.Announced);

        WaitingOutcome outcome = OnWaiting(calls: call);

        Assert.Equal([call], outcome.Adopted);
        Assert.Equal(1, call.Adoptions);
        Assert.Empty(_table.Announced);
        Assert.Equal([call.Name], _table.CallsOf(outcome.Caller!));
        Assert.Equal(("q.ann", "me for rpc.cb.~ann"), (outcome.Caller!.Queue, outcome.Caller.OwnInstance));
        Assert.Empty(OnWaiting(calls: call).Adopted);
    }

    [Fact]
    public void A_call_that_has_ended_meanwhile_is_not_taken_over()
    {
        TestCall call = Announce("a");
        call.End();

        WaitingOutcome outcome = OnWaiting(calls: call);

        Assert.Empty(outcome.Adopted);
        Assert.Null(outcome.Caller);
        Assert.Equal([call.Name.Id], outcome.Unknown);
    }

    [Fact]
    public void A_message_about_an_earlier_run_does_not_mean_the_next_one()
    {
        TestCall earlier = Announce("a");
        var name = new WaitingCall(earlier.Name, earlier.Run);
        earlier.End();
        TestCall call = Announce("a");
        TestCall other = Announce("b");
        OnWaiting(calls: other);

        WaitingOutcome outcome = _table.OnWaiting("q.ann", new WaitingBody(new LongCallSender("ann", Every), ++_number, [name, new WaitingCall(other.Name, other.Run)]), NameFor, Now);

        Assert.NotEqual(earlier.Run, call.Run);
        Assert.Equal((0, 0), (call.Adoptions, outcome.Unwanted.Count));
        Assert.Equal([call.Name.Id], outcome.Unknown);
        Assert.Equal([call], OnWaiting(calls: [call, other]).Adopted);
    }

    [Fact]
    public void A_caller_that_does_not_say_which_run_it_means_means_any()
    {
        TestCall call = Announce("a");

        Assert.Equal([call], _table.OnWaiting("q.ann", new WaitingBody(new LongCallSender("ann", Every), 1, [new WaitingCall(call.Name, WaitingCall.AnyRun)]), NameFor, Now).Adopted);
    }

    [Fact]
    public void Only_the_owner_of_the_callback_queue_takes_part()
    {
        TestCall call = Announce("a");

        WaitingOutcome outcome = _table.OnWaiting("q.bob", new WaitingBody(new LongCallSender("bob", Every), 1, [new WaitingCall(new LongCallName(call.Name.Id, "rpc.cb.~bob"), call.Run)]), NameFor, Now);
        Assert.Equal([call.Name.Id], outcome.Unknown);
        OnWaiting(calls: call);
        outcome = _table.OnWaiting("q.bob", new WaitingBody(new LongCallSender("bob", Every), 2, [new WaitingCall(call.Name, call.Run)]), NameFor, Now);
        Assert.Equal([call.Name.Id], outcome.Unknown);

        Assert.Equal("ann", call.Caller!.Instance);
    }

    [Fact]
    public void A_call_of_the_same_name_is_announced_once()
    {
        TestCall call = Announce("a");
        Assert.False(_table.TryAnnounce(new TestCall("a")));
        call.End();
        Assert.True(_table.TryAnnounce(new TestCall("a")));
    }

    [Fact]
    public void A_call_that_its_caller_lists_no_more_is_unwanted()
    {
        TestCall first = Announce("a");
        TestCall second = Announce("b");
        OnWaiting(calls: [first, second]);

        Assert.Equal([first], OnWaiting(calls: second).Unwanted);

        Assert.Null(_table.Find(first.Name));
        Assert.NotNull(_table.Find(second.Name));
    }

    [Fact]
    public void A_list_that_was_overtaken_by_a_later_one_changes_nothing()
    {
        TestCall first = Announce("a");
        TestCall second = Announce("b");
        OnWaiting(calls: [first, second]);
        _number -= 2;

        WaitingOutcome outcome = OnWaiting("q.old", first);

        Assert.Empty(outcome.Unwanted);
        Assert.Equal("q.ann", first.Caller!.Queue);
    }

    [Fact]
    public void An_announcement_that_comes_back_belongs_to_a_call_that_nobody_waits_for()
    {
        TestCall call = Announce("a");
        TestCall adopted = Announce("b");
        OnWaiting(calls: adopted);

        Assert.Equal(call, _table.OnReturned(call.Name));
        Assert.Null(_table.OnReturned(call.Name));
        Assert.Null(_table.OnReturned(adopted.Name));
        Assert.NotNull(_table.Find(adopted.Name));
    }

    [Fact]
    public void The_calls_of_a_silent_caller_are_unwanted_after_three_beats()
    {
        TestCall running = Announce("a");
        TestCall answered = Announce("b");
        TestCall announced = Announce("c");
        OnWaiting(calls: [running, answered]);
        _table.Complete(answered, Reply);

        _time.Advance(3 * Every);
        Assert.Empty(_table.Tick(Now, isDeaf: false));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([running], _table.Tick(Now, isDeaf: false));

        Assert.Equal(1, _table.Count);
        Assert.Equal([announced], _table.Announced);
        Assert.False(_table.Complete(running, Reply));
        Assert.Null(_table.BeginSending(running));
    }

    [Fact]
    public void Time_in_which_nothing_can_be_heard_does_not_count()
    {
        OnWaiting(calls: Announce("a"));
        _time.Advance(10 * Every);
        Assert.Empty(_table.Tick(Now, isDeaf: true));
        _time.Advance(2 * Every);
        Assert.Empty(_table.OnReconnected(Now));
        _time.Advance(3 * Every);
        Assert.Empty(_table.Tick(Now, isDeaf: false));
    }

    [Fact]
    public void A_caller_can_say_where_it_is()
    {
        TestCall call = Announce("a");
        OnWaiting(calls: call);
        _table.OnReturned(new LongCallName(default, "q.ann"));

        Assert.Null(_table.OnMoved("bob", "q.bob", Now));
        Assert.Equal(call.Caller, _table.OnMoved("ann", "q.new", Now));

        Assert.Equal(("q.new", false, Every), (call.Caller!.Queue, call.Caller.IsGone, call.Caller.Every));
        Assert.True(_table.Complete(call, Reply));
    }

    private long Now => _time.GetTimestamp();

    private static string NameFor(ServedLongCall call) => $"me for {call.Name.ReplyTo}";

    private TestCall Announce(string id)
    {
        var call = new TestCall(id);
        Assert.True(_table.TryAnnounce(call));
        return call;
    }

    private WaitingOutcome OnWaiting(params TestCall[] calls) => OnWaiting("q.ann", calls);

    private WaitingOutcome OnWaiting(string queue, params TestCall[] calls) =>
        _table.OnWaiting(queue, new WaitingBody(new LongCallSender("ann", Every), ++_number, [.. calls.Select(call => new WaitingCall(call.Name, call.Run))]), NameFor, Now);

    private sealed class TestCall(string id) : ServedLongCall(new CorrelationId(id), "rpc.cb.~ann")
    {
        private bool _isOver;

        public int Adoptions { get; private set; }

        public override bool IsOver => _isOver;

        public void End() => _isOver = true;

        public override bool TryAdopt() => !_isOver && ++Adoptions > 0;

        public override void OnAdopted() => throw new InvalidOperationException("The table passes nothing on.");

        public override void OnUnwanted(string reason) => throw new InvalidOperationException("The table passes nothing on.");
    }
}
