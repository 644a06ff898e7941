using RpcGen.Protocol;
using RpcGen.Streams.LongCalls;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Streams.LongCalls;

/// <summary>Every move of a long call on the side of its caller.</summary>
public sealed partial class AwaitedTableTests
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private static readonly LongCallSender First = new("first", Every);
    private static readonly LongCallSender Second = new("second", Every);

    private readonly ManualTime _time = new();
    private readonly AwaitedTable _table;
    private long _number;

    public AwaitedTableTests() => _table = new AwaitedTable(_time, static server => $"me for {server}");

    [Fact]
    public void Each_server_knows_its_caller_under_another_name()
    {
        Announce("a", First);
        Announce("b", Second);

        Assert.Equal(["me for first", "me for second"], _table.Report(++_number).Select(report => report.Server.OwnInstance).Order());
    }

    [Fact]
    public void A_server_that_was_not_chosen_changes_nothing()
    {
        TestCall call = Tell("a", First);
        Tell("b", Second);

        Assert.Empty(OnRunning(Second, calls: ["a"]));
        Assert.Empty(OnRunning(Second, unknown: ["a"]));

        Assert.False(call.IsAdopted);
        Assert.NotNull(_table.Find(call.Name.Id));
    }

    [Fact]
    public void A_request_that_comes_back_is_ignored_once_a_server_answers_the_call()
    {
        TestCall call = Tell("a", First);
        OnRunning(First, calls: ["a"]);

        Assert.True(_table.TryHoldBack(call.Name.Id));
        Assert.Equal([(call, AwaitedEnd.Forgotten)], OnRunning(First, unknown: ["a"]));
        Assert.False(_table.TryHoldBack(call.Name.Id));
    }

    [Fact]
    public void A_request_that_comes_back_earlier_is_held_back_until_the_server_has_said_whether_it_answers()
    {
        TestCall taken = Tell("a", First);
        TestCall left = Tell("b", First);
        Assert.True(_table.TryHoldBack(taken.Name.Id));
        Assert.True(_table.TryHoldBack(left.Name.Id));

        Assert.Equal([(left, AwaitedEnd.SentBack)], OnRunning(First, calls: ["a"], unknown: ["b"]));

        Assert.True(taken.IsAdopted);
        Assert.False(taken.IsSentBack);
    }

    [Fact]
    public void A_call_that_its_server_has_already_answered_goes_on_as_before()
    {
        TestCall call = Tell("a", First);

        Assert.Empty(OnRunning(First, unknown: ["a"])); // the reply is on its way to the callback queue

        Assert.Null(_table.Find(call.Name.Id));
        Assert.False(_table.TryDetach(call.Name.Id));
    }

    [Fact]
    public void A_call_whose_callback_queue_is_lost_goes_on_with_its_server()
    {
        TestCall call = Tell("a", First);
        Assert.True(_table.TryDetach(call.Name.Id));

        Assert.Equal([(call, AwaitedEnd.Forgotten)], OnRunning(First, unknown: ["a"])); // no reply can be on its way
    }

    [Theory]
    [InlineData(false, nameof(AwaitedEnd.Silent))]
    [InlineData(true, nameof(AwaitedEnd.Gone))]
    public void A_silent_server_is_lost_after_three_beats(bool isGone, string end)
    {
        TestCall call = Tell("a", First);
        OnRunning(First, calls: ["a"]);
        if (isGone)
        {
            _table.OnReturned("q.first");
        }

        _time.Advance(3 * Every);
        Assert.Empty(_table.Tick(Now, isDeaf: false));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([(call, Enum.Parse<AwaitedEnd>(end))], _table.Tick(Now, isDeaf: false));

        Assert.Null(_table.Find(call.Name.Id));
        Assert.True(_table.IsEmpty);
    }

    [Fact]
    public void A_server_that_speaks_from_another_queue_is_the_same()
    {
        TestCall call = Tell("a", First);
        OnRunning(First, calls: ["a"]);
        _table.OnReturned("q.first");
        _time.Advance(2 * Every);

        Assert.Empty(_table.OnRunning("q.new", new RunningBody(First, _number, [call.Name.Id], []), Now, out bool hasMoved));
        Assert.True(hasMoved);
        _time.Advance(3 * Every);

        Assert.Empty(_table.Tick(Now, isDeaf: false));
        Assert.Equal(["q.new"], _table.Report(++_number).Select(report => report.Server.Queue));
    }

    [Fact]
    public void A_server_whose_queue_is_gone_is_searched_until_it_speaks_again()
    {
        TestCall call = Tell("a", First);
        Assert.False(_table.OnReturned("q.other"));
        Assert.True(_table.OnReturned("q.first"));
        Assert.False(_table.OnReturned("q.first"));

        Assert.Equal("requests", Assert.Single(_table.Report(++_number)).SearchIn);
        OnRunning(First, calls: ["a"]);

        Assert.Null(Assert.Single(_table.Report(++_number)).SearchIn);
        _table.OnReturned("q.first");
        call.End();
        Assert.Empty(_table.Report(++_number)); // no server is left that must be told
        Assert.True(_table.IsEmpty || _table.Count == 1);
    }

    [Fact]
    public void Time_in_which_nothing_can_be_heard_does_not_count()
    {
        TestCall call = Tell("a", First);
        _time.Advance(10 * Every);
        Assert.Empty(_table.Tick(Now, isDeaf: true));
        _time.Advance(3 * Every);
        Assert.Empty(_table.Tick(Now, isDeaf: false));
        _time.Advance(Every);
        Assert.Equal([(call, AwaitedEnd.Silent)], _table.Tick(Now, isDeaf: false));
        Assert.True(_table.IsEmpty);
    }

    [Fact]
    public void A_server_learns_of_the_end_of_its_last_call_and_is_then_forgotten()
    {
        TestCall call = Tell("a", First);
        _table.Report(++_number);
        call.End();
        Assert.Null(_table.Find(call.Name.Id));
        _table.Tick(Now, isDeaf: false);

        Assert.Empty(Assert.Single(_table.Report(++_number)).Calls);
        Assert.True(_table.IsEmpty);
        Assert.Empty(_table.Report(++_number));
    }

    [Fact]
    public void A_call_that_was_sent_again_can_be_announced_again()
    {
        TestCall former = Tell("a", First);
        former.End();
        TestCall call = Tell("a", Second);

        Assert.Equal([(call, AwaitedEnd.Forgotten)], Adopt(call, Second, unknown: ["a"]));
    }

    private long Now => _time.GetTimestamp();

    /// <summary>A server announces a call, and is told that it is waited for.</summary>
    private TestCall Tell(string id, LongCallSender server)
    {
        TestCall call = Announce(id, server);
        _table.Report(++_number);
        return call;
    }

    private TestCall Announce(string id, LongCallSender server, long run = 1)
    {
        var call = new TestCall(id);
        Assert.NotNull(_table.Announce(call, $"q.{server.Instance}", new OpenBody(server, run), Now));
        return call;
    }

    private List<(AwaitedCall Call, AwaitedEnd End)> Adopt(TestCall call, LongCallSender server, string[] unknown)
    {
        OnRunning(server, calls: [call.Name.Id.ToString()!]);
        return OnRunning(server, unknown: unknown);
    }

    private List<(AwaitedCall Call, AwaitedEnd End)> OnRunning(LongCallSender server, string[]? calls = null, string[]? unknown = null) =>
        _table.OnRunning($"q.{server.Instance}", new RunningBody(server, _number, Ids(calls), Ids(unknown)), Now, out _);

    private static CorrelationId[] Ids(string[]? ids) => [.. (ids ?? []).Select(id => new CorrelationId(id))];

    private sealed class TestCall(string id) : AwaitedCall(new CorrelationId(id), "rpc.cb.~me", "requests")
    {
        private bool _isOver;

        public override bool IsOver => _isOver;

        public void End() => _isOver = true;

        public override void OnReply(in IncomingMessage reply) => throw new InvalidOperationException("The table passes nothing on.");

        public override void OnEnded(AwaitedEnd end) => throw new InvalidOperationException("The table passes nothing on.");
    }
}
