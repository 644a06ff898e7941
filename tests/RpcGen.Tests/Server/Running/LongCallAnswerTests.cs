using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>A call has one way to its outcome: it becomes long, or it is answered like others.</summary>
public sealed class LongCallAnswerTests
{
    private readonly TestServer _server = new();

    [Fact]
    public void A_call_that_is_being_answered_does_not_become_long()
    {
        ServerCall call = _server.Begin(TestServer.Request());

        Assert.Null(call.BeginAnswer());

        Assert.False(call.TryBecomeLong(new LongCallStub(isAdopted: true)));
        Assert.False(call.EndLong());
        Assert.True(call.TryBecomeLong(new LongCallStub(isAdopted: true))); // the next use
    }

    [Fact]
    public void A_long_call_that_was_taken_over_is_answered_as_such()
    {
        var taken = new LongCallStub(isAdopted: true);
        ServerCall call = _server.Begin(TestServer.Request());
        Assert.True(call.TryBecomeLong(taken));

        Assert.Same(taken, call.BeginAnswer());

        Assert.True(call.EndLong());
        Assert.Null(call.Long);
    }

    [Fact]
    public void A_long_call_that_was_not_taken_over_is_answered_like_others()
    {
        ServerCall call = _server.Begin(TestServer.Request());
        Assert.True(call.TryBecomeLong(new LongCallStub(isAdopted: false)));

        Assert.Null(call.BeginAnswer());

        Assert.False(call.EndLong());
    }

    /// <summary>A long call that was taken over, or was not.</summary>
    private sealed class LongCallStub(bool isAdopted) : ILongCall
    {
        public bool IsAdopted => isAdopted;

        public bool TryWithdraw() => !isAdopted;

        public void Answer(ReadOnlySpan<byte> body, bool isFault, IReadOnlyDictionary<string, object?>? headers) => throw new NotSupportedException();

        public void End()
        {
        }
    }
}
