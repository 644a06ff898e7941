using RpcGen.Client.Calls;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Every move of the state machine of a pending call.</summary>
public sealed class PendingCallStageTests : PendingCallTest
{
    [Fact]
    public void Every_legal_move_happens_from_its_stage_alone()
    {
        (CallStage From, CallStage To)[] moves =
        [
            (CallStage.Preparing, CallStage.Waiting),
            (CallStage.Preparing, CallStage.Sent),
            (CallStage.Waiting, CallStage.Sending),
            (CallStage.Waiting, CallStage.Done),
            (CallStage.Sending, CallStage.Sent),
            (CallStage.Sending, CallStage.Waiting),
            (CallStage.Sent, CallStage.Sending),
            (CallStage.Sent, CallStage.Waiting),
            (CallStage.Sent, CallStage.Done),
            (CallStage.Done, CallStage.Idle),
        ];
        foreach ((CallStage from, CallStage to) in moves)
        {
            foreach (CallStage stage in Enum.GetValues<CallStage>())
            {
                PendingCall call = At(stage, out long generation);

                Assert.Equal(stage == from, call.TryMove(generation, from, to));
                Assert.Equal((generation, stage == from ? to : stage), call.Current);
            }
        }
    }

    [Fact]
    public void A_call_completes_once_from_every_stage_of_its_life()
    {
        foreach (CallStage stage in Enum.GetValues<CallStage>())
        {
            PendingCall call = At(stage, out long generation);
            bool isAlive = stage is not (CallStage.Idle or CallStage.Done);

            Assert.Equal(isAlive, call.TryComplete(generation, out CallStage was));
            Assert.Equal(stage, was);
            Assert.Equal(isAlive ? CallStage.Done : stage, call.Current.Stage);
            Assert.False(call.TryComplete(generation));
        }
    }

    [Fact]
    public void Only_an_attempt_that_is_taken_back_does_not_count()
    {
        PendingCall call = At(CallStage.Waiting, out long generation);
        Assert.True(call.TryTake(generation, link: null!, ticket: default, default));
        Assert.True(call.TryTakeBack(generation, link: null!));
        Assert.Equal((CallStage.Waiting, 0), (call.Current.Stage, call.Attempts));
        Assert.True(call.TryTake(generation, link: null!, ticket: default, default));
        Assert.True(call.TryComplete(generation));

        Assert.False(call.TryTakeBack(generation, link: null!));

        Assert.Equal(1, call.Attempts); // the outcome tells of it
    }

    [Fact]
    public void Only_a_sent_call_is_lost_with_its_link()
    {
        foreach (CallStage stage in Enum.GetValues<CallStage>())
        {
            PendingCall call = At(stage, out long generation);

            Assert.Equal(stage == CallStage.Sent, call.TryCompleteSent(generation));
        }
    }

    [Fact]
    public void Only_a_complete_call_ends()
    {
        foreach (CallStage stage in Enum.GetValues<CallStage>())
        {
            PendingCall call = At(stage, out long generation);

            Assert.Equal(stage == CallStage.Done, call.TryEnd());
            Assert.Equal(stage == CallStage.Done ? CallStage.Idle : stage, call.Current.Stage);
            Assert.Equal(generation, call.Current.Generation);
        }
    }

    /// <summary>A new call at a stage.</summary>
    private PendingCall At(CallStage stage, out long generation)
    {
        var call = new PendingCall(Recorder, Recorder, Table, Time);
        generation = call.Begin(new TestMethod<int>(), Route, batching: null);
        CallStage[] way = stage switch
        {
            CallStage.Preparing => [],
            CallStage.Waiting => [CallStage.Waiting],
            CallStage.Sending => [CallStage.Waiting, CallStage.Sending],
            CallStage.Sent => [CallStage.Waiting, CallStage.Sending, CallStage.Sent],
            CallStage.Done => [CallStage.Sent, CallStage.Done],
            _ => [CallStage.Sent, CallStage.Done, CallStage.Idle],
        };
        foreach (CallStage next in way)
        {
            Assert.True(call.TryMove(generation, call.Current.Stage, next));
        }

        return call;
    }
}
