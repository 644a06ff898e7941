using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>The calls past their deadline at the timestamp 1000, with a grace of 100: the threshold is 900.</summary>
public sealed class OverdueCallsTests
{
    private readonly TestServer _server = new();

    [Theory]
    [InlineData(899, 1, long.MaxValue)]
    [InlineData(900, 1, long.MaxValue)]
    [InlineData(901, 0, 1001)]
    [InlineData(1000, 0, 1100)] // the check at its deadline is the one that plans the next
    [InlineData(1001, 0, long.MaxValue)] // is checked at its deadline
    public void A_call_counts_after_the_grace_and_the_next_check_is_when_another_does(long deadline, int count, long nextCheck)
    {
        OverdueCalls found = OverdueCalls.Find([Start("1", deadline)], threshold: 900, grace: 100);

        Assert.Equal((count, nextCheck), (found.Count, found.NextCheck));
    }

    [Fact]
    public void The_oldest_is_named_and_the_nearest_check_counts()
    {
        OverdueCalls found = OverdueCalls.Find([Start("a", 700), Start("b", 600), Start("c", 800), Start("d", 980), Start("e", 950)], threshold: 900, grace: 100);

        Assert.Equal(new OverdueCalls(3, "echo", "b", 600, NextCheck: 1050), found);
    }

    [Fact]
    public void A_call_that_has_not_started_does_not_count()
    {
        ServerCall call = _server.Begin(TestServer.Request());
        call.Deadline = 1;

        Assert.Equal(OverdueCalls.None, OverdueCalls.Find([call], threshold: 900, grace: 100));
    }

    private ServerCall Start(string id, long deadline)
    {
        ServerCall call = _server.Begin(TestServer.Request(id: id));
        call.Deadline = long.MaxValue;
        Assert.True(call.TryStart(TestMethod.Create("echo"), out CancellationToken _));
        call.Deadline = deadline;
        return call;
    }
}
