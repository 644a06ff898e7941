using RpcGen.Protocol;
using RpcGen.Streams.LongCalls;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Streams.LongCalls;

/// <content>Which server, and which run of a call, a message means.</content>
public sealed partial class AwaitedTableTests
{
    [Fact]
    public void A_server_that_announces_a_call_is_told_that_it_is_waited_for()
    {
        TestCall call = Tell("a", First);

        AwaitedReport report = Assert.Single(_table.Report(++_number));
        Assert.Equal(("q.first", "me for first", null), (report.Server.Queue, report.Server.OwnInstance, report.SearchIn));
        Assert.Equal([new WaitingCall(call.Name, 1)], report.Calls);
        Assert.Equal(new LongCallName(new CorrelationId("a"), "rpc.cb.~me"), call.Name);
        Assert.False(call.IsAdopted);
    }

    [Fact]
    public void Another_server_can_take_the_place_of_one_that_has_only_announced_the_call()
    {
        TestCall call = Announce("a", First);

        Assert.NotNull(_table.Announce(new TestCall("a"), "q.second", new OpenBody(Second, 1), Now));
        Assert.Empty(OnRunning(First, unknown: ["a"])); // the former one has nothing to say any more

        Assert.Equal("second", call.Server!.Instance);
        Assert.Equal(["q.second"], _table.Report(++_number).Select(report => report.Server.Queue));
    }

    [Fact]
    public void No_other_server_takes_the_place_of_one_that_answers_the_call()
    {
        TestCall call = Tell("a", First);
        OnRunning(First, calls: ["a"]);

        Assert.Null(_table.Announce(new TestCall("a"), "q.second", new OpenBody(Second, 1), Now));

        Assert.True(call.IsAdopted);
        Assert.Equal("first", call.Server!.Instance);
    }

    [Fact]
    public void A_server_that_was_not_told_can_be_lost_without_harm()
    {
        TestCall call = Announce("a", First);
        TestCall detached = Announce("b", First);
        TestCall sentBack = Announce("c", First);
        _table.TryDetach(detached.Name.Id);
        _table.TryHoldBack(sentBack.Name.Id);
        _table.OnReturned("q.first");

        _time.Advance(4 * Every);

        Assert.Equal([(detached, AwaitedEnd.Gone), (sentBack, AwaitedEnd.SentBack)], _table.Tick(Now, isDeaf: false));
        Assert.Null(_table.Find(call.Name.Id)); // the broker delivers its request again
    }

    [Theory]
    [InlineData(false, nameof(AwaitedEnd.Silent))]
    [InlineData(true, nameof(AwaitedEnd.Gone))]
    public void A_server_that_was_told_can_have_taken_the_call_over_before_it_is_lost(bool isGone, string end)
    {
        TestCall call = Tell("a", First);
        TestCall sentBack = Tell("b", First);
        _table.TryHoldBack(sentBack.Name.Id);
        if (isGone)
        {
            _table.OnReturned("q.first");
        }

        _time.Advance(4 * Every);

        Assert.Equal([(call, Enum.Parse<AwaitedEnd>(end)), (sentBack, AwaitedEnd.SentBack)], _table.Tick(Now, isDeaf: false));
    }

    [Fact]
    public void A_server_whose_queue_is_gone_is_not_told()
    {
        Announce("a", First);
        _table.OnReturned("q.first");
        Assert.NotNull(Assert.Single(_table.Report(++_number)).SearchIn);

        _time.Advance(4 * Every);

        Assert.Empty(_table.Tick(Now, isDeaf: false));
    }

    [Fact]
    public void A_server_says_nothing_about_a_call_before_it_was_told()
    {
        Tell("a", First);
        TestCall call = Announce("b", First);

        Assert.Empty(OnRunning(First, calls: ["b"]));
        Assert.Empty(OnRunning(First, unknown: ["b"])); // an earlier run of it

        Assert.False(call.IsAdopted);
        Assert.NotNull(_table.Find(call.Name.Id));
        _table.Report(++_number);
        OnRunning(First, calls: ["b"]);
        Assert.True(call.IsAdopted);
    }

    [Fact]
    public void A_server_that_announces_another_run_has_to_be_told_again()
    {
        TestCall call = Tell("a", First);

        Announce("a", First, run: 2);

        Assert.Equal(2, call.Run);
        OnRunning(First, unknown: ["a"]); // the first run
        Assert.NotNull(_table.Find(call.Name.Id));
        Assert.Equal([new WaitingCall(call.Name, 2)], Assert.Single(_table.Report(++_number)).Calls);
        OnRunning(First, calls: ["a"]);
        Assert.Null(_table.Announce(new TestCall("a"), "q.first", new OpenBody(First, 3), Now)); // it answers the second run
        Assert.Equal(2, call.Run);
    }

    [Fact]
    public void A_server_that_announces_a_call_from_another_queue_was_told_already()
    {
        TestCall call = Tell("a", First);

        Assert.NotNull(_table.Announce(new TestCall("a"), "q.new", new OpenBody(First, 1), Now));
        OnRunning(First, calls: ["a"]);

        Assert.True(call.IsAdopted);
    }
}
