using Microsoft.Extensions.Time.Testing;
using RpcGen.Client.Calls;

namespace RpcGen.Tests.Client.Calls;

public sealed class CallDeadlineTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();

    public void Dispose() => RpcCallContext.Current = null;

    [Fact]
    public void A_call_has_its_own_timeout()
    {
        Assert.Equal(new CallDeadline(Second, Now + _time.TimestampFrequency), CallDeadline.Start(Second, _time, Now, out string? expired));
        Assert.Null(expired);
        Assert.Equal(CallDeadline.None, CallDeadline.Start(Timeout.InfiniteTimeSpan, _time, Now, out _));
    }

    [Fact]
    public void A_call_from_a_handler_has_what_remains_if_that_is_less()
    {
        Handle(remaining: 3 * Second);

        Assert.Equal(Second, CallDeadline.Start(Second, _time, Now, out _).Timeout);
        Assert.Equal(new CallDeadline(3 * Second, Now + 3 * _time.TimestampFrequency), CallDeadline.Start(5 * Second, _time, Now, out _));
        Assert.Equal(3 * Second, CallDeadline.Start(Timeout.InfiniteTimeSpan, _time, Now, out _).Timeout);
    }

    [Fact]
    public void A_handler_without_a_deadline_limits_nothing()
    {
        Handle(remaining: null);

        Assert.Equal(Second, CallDeadline.Start(Second, _time, Now, out _).Timeout);
        Assert.Equal(CallDeadline.None, CallDeadline.Start(Timeout.InfiniteTimeSpan, _time, Now, out _));
    }

    [Fact]
    public void A_handler_whose_deadline_has_passed_is_named()
    {
        Handle(remaining: TimeSpan.Zero);

        CallDeadline.Start(Second, _time, Now, out string? expired);

        Assert.Equal("Outer", expired);
    }

    private long Now => _time.GetTimestamp();

    private void Handle(TimeSpan? remaining) => RpcCallContext.Current = new RpcCallContext(
        Server.TestMethod.Create("Outer"), callId: null, callNumber: 1, isRedelivered: false, _time, remaining is { } time ? Now + (long)(time.TotalSeconds * _time.TimestampFrequency) : long.MaxValue);
}
