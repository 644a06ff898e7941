namespace RpcGen.EndToEnd.Tests.Clusters;

/// <summary>The checks of the cluster tests find each broken promise, and nothing else.</summary>
public sealed class CallChecksTests
{
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData("Plain", 1, 1, 7, null)] // answered
    [InlineData("Plain", 2, 1, 7, null)] // delivered again
    [InlineData("OneWay", 1, 9, null, null)] // ran after its confirmation
    [InlineData("Plain", 0, 0, null, "RpcTimeoutException")]
    [InlineData("AtMostOnce", 1, 1, null, "RpcConnectionException")]
    public void Kept_promises_are_no_violations(string promise, int runs, int ranAt, int? answer, string? failure) =>
        Assert.Empty(Find(promise, runs, ranAt, answer, failure));

    [Theory]
    [InlineData("Plain", 0, 0, 7, null, "succeeded, but did not run")]
    [InlineData("Plain", 1, 9, 7, null, "succeeded, but did not run")] // not before its answer
    [InlineData("OneWay", 0, 0, null, null, "succeeded, but did not run")]
    [InlineData("Idempotent", 1, 1, 8, null, "got the answer 8")]
    [InlineData("AtMostOnce", 2, 1, 7, null, "ran 2 times")]
    [InlineData("AtMostOnce", 2, 1, null, "RpcConnectionException", "ran 2 times")]
    [InlineData("Plain", 0, 0, null, "IOException", "ended with System.IO.IOException")]
    [InlineData("Plain", 0, 0, null, "OperationCanceledException", "ended with System.OperationCanceledException")]
    [InlineData("Plain", 0, 0, null, "RpcProtocolException", "ended with RpcGen.RpcProtocolException")]
    public void Broken_promises_are_found(string promise, int runs, int ranAt, int? answer, string? failure, string expected) =>
        Assert.Contains(expected, Assert.Single(Find(promise, runs, ranAt, answer, failure)), StringComparison.Ordinal);

    [Fact]
    public void Late_and_endless_calls_are_found()
    {
        CallRecord late = Create(Promise.Plain);
        late.AddRun(TimeSpan.FromSeconds(1));
        late.End = new CallEnd(Latest + TimeSpan.FromSeconds(1.5), late.Id, null);
        CallRecord endless = Create(Promise.Plain);

        Assert.Equal(
            ["call 7 (Plain, queue q, started at 1.000 s) ended after 6.500 s", "call 7 (Plain, queue q, started at 1.000 s) did not end"],
            CallChecks.FindViolations([late, endless], Latest));
    }

    private static CallRecord Create(Promise promise) => new(7, promise, "q", client: 0, caller: 0, startedAt: TimeSpan.FromSeconds(1));

    /// <summary>Checks a call that ended after 2 s.</summary>
    private static string[] Find(string promise, int runs, int ranAt, int? answer, string? failure)
    {
        CallRecord call = Create(Enum.Parse<Promise>(promise));
        for (int run = 0; run < runs; run++)
        {
            call.AddRun(TimeSpan.FromSeconds(ranAt));
        }

        call.End = new CallEnd(TimeSpan.FromSeconds(3), answer, failure switch
        {
            "RpcTimeoutException" => new RpcTimeoutException("late"),
            "RpcConnectionException" => new RpcConnectionException("lost"),
            "RpcProtocolException" => new RpcProtocolException("broken"),
            "IOException" => new IOException("broken"),
            "OperationCanceledException" => new OperationCanceledException("gone"),
            _ => null,
        });
        return [.. CallChecks.FindViolations([call], Latest)];
    }
}
