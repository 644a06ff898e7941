using Microsoft.Extensions.Logging.Abstractions;
using RpcGen.Client.Calls;
using RpcGen.Streams.LongCalls;
using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Calls;

/// <summary>What the end of a long call on its server means for its caller.</summary>
public sealed class LongCallDeadlineTests : PendingCallTest
{
    private readonly LongCallEvents _events;

    public LongCallDeadlineTests() =>
        _events = new LongCallEvents(Table, replies: null!, new CallExceptions("the broker", "guest"), new DroppedReplies(NullLogger.Instance), instances: null!);

    [Theory]
    [InlineData(nameof(AwaitedEnd.Forgotten), false)]
    [InlineData(nameof(AwaitedEnd.Silent), false)]
    [InlineData(nameof(AwaitedEnd.Gone), false)]
    [InlineData(nameof(AwaitedEnd.Gone), true)]
    [InlineData(nameof(AwaitedEnd.SentBack), false)]
    public void A_call_whose_server_ends_it_at_its_deadline_has_timed_out(string end, bool isIdempotent)
    {
        long generation = Begin(isIdempotent);
        Time.Advance(TimeSpan.FromSeconds(1));

        _events.OnEnded(Call, generation, Enum.Parse<AwaitedEnd>(end));

        Assert.Equal([generation], Recorder.Expired);
        Assert.Null(Recorder.Failure);
    }

    [Fact]
    public void A_call_whose_server_ends_it_before_its_deadline_has_lost_it()
    {
        long generation = Begin(isIdempotent: false);
        Time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromMilliseconds(1));

        _events.OnEnded(Call, generation, AwaitedEnd.Forgotten);

        Assert.Empty(Recorder.Expired);
        Assert.Contains("has given the call up", Assert.IsType<RpcConnectionException>(Recorder.Failure).Message, StringComparison.Ordinal);
    }

    private long Begin(bool isIdempotent)
    {
        long generation = Call.Begin(new TestMethod<int> { Idempotent = isIdempotent }, Route, batching: null);
        Call.SetDeadline(CallDeadline.Start(TimeSpan.FromSeconds(1), Time, Time.GetTimestamp(), out _));
        return generation;
    }
}
