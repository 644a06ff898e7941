using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

public sealed class RequestBudgetTests
{
    private static readonly TimeSpan MethodTimeout = TimeSpan.FromSeconds(10);
    private readonly TestServer _server = new();

    [Theory]
    [InlineData(null, 10_000)] // the method's
    [InlineData("250", 250)] // the caller's
    public void The_budget_counts_from_receipt(string? expiration, int milliseconds)
    {
        ServerCall call = _server.Begin(TestServer.Request(expiration: expiration));
        _server.Time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));

        Assert.True(RequestBudget.TryGetDeadline(call, MethodTimeout, Timeout.InfiniteTimeSpan, _server.Time, out long deadline));
        Assert.Equal(milliseconds, _server.Time.GetElapsedTime(call.Delivery.ReceivedAt, deadline).TotalMilliseconds);

        _server.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(RequestBudget.TryGetDeadline(call, MethodTimeout, Timeout.InfiniteTimeSpan, _server.Time, out _));
    }

    [Fact]
    public void Without_timeout_there_is_no_deadline()
    {
        ServerCall call = _server.Begin(TestServer.Request());

        Assert.True(RequestBudget.TryGetDeadline(call, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, _server.Time, out long deadline));
        Assert.Equal(long.MaxValue, deadline);
    }

    [Fact]
    public void A_huge_budget_is_cut_to_the_longest_timeout()
    {
        ServerCall call = _server.Begin(TestServer.Request(expiration: $"{long.MaxValue}"));

        Assert.True(RequestBudget.TryGetDeadline(call, MethodTimeout, Timeout.InfiniteTimeSpan, _server.Time, out long deadline));
        Assert.Equal(uint.MaxValue - 1, _server.Time.GetElapsedTime(call.Delivery.ReceivedAt, deadline).TotalMilliseconds);
    }

    [Theory]
    [InlineData(null, 10_000, 4_000, 4_000, false)] // the method's, which is longer than the server gives any call
    [InlineData(null, 3_000, 4_000, 3_000, false)]
    [InlineData("250", 10_000, 4_000, 250, false)]
    [InlineData("4000", 10_000, 4_000, 4_000, false)]
    [InlineData("4001", 10_000, 4_000, 4_000, true)]
    [InlineData("4294967294", -1, 4_000, 4_000, true)]
    [InlineData(null, -1, 4_000, 4_000, false)]
    [InlineData("250", 10_000, -1, 250, false)]
    public void A_budget_is_at_most_the_longest(string? expiration, int method, int longest, int expected, bool isCapped)
    {
        ServerCall call = _server.Begin(TestServer.Request(expiration: expiration));

        Assert.True(RequestBudget.TryGetDeadline(call, Milliseconds(method), Milliseconds(longest), _server.Time, out long deadline));

        Assert.Equal(expected, _server.Time.GetElapsedTime(call.Delivery.ReceivedAt, deadline).TotalMilliseconds);
        Assert.Equal(isCapped, RequestBudget.IsCapped(call, Milliseconds(longest)));
    }

    [Theory]
    [InlineData("10000", 9, true)]
    [InlineData("10000", 10, false)]
    [InlineData(null, 60, true)] // its caller does not say how long it waits
    public void A_request_that_certainly_waited_longer_is_late(string? expiration, int waited, bool isInTime)
    {
        ServerCall call = _server.Begin(TestServer.Request(expiration: expiration));
        call.Delivery.WaitedAtLeast = TimeSpan.FromSeconds(waited);

        Assert.Equal(isInTime, RequestBudget.TryGetDeadline(call, MethodTimeout, Timeout.InfiniteTimeSpan, _server.Time, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void A_timestamp_alone_says_nothing(long timestamp)
    {
        ServerCall call = _server.Begin(TestServer.Request(timestamp: timestamp, expiration: "10000"));

        Assert.True(RequestBudget.TryGetDeadline(call, MethodTimeout, Timeout.InfiniteTimeSpan, _server.Time, out _));
    }

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
