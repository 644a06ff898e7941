namespace RpcGen.Server;

/// <summary>
/// What a server knows of a caller's time. <c>expiration</c> arrives unchanged however long the message waited, so that the
/// budget counts from receipt; <c>timestamp</c>, in whole seconds of another machine's clock, tells the grossly late.
/// </summary>
internal static class RequestBudget
{
    /// <summary>How far clocks may be apart.</summary>
    private static readonly TimeSpan AllowedSkew = TimeSpan.FromSeconds(5);

    /// <summary>When the handler has to be done, as a timestamp of the clock; false where that is past already.</summary>
    public static bool TryGetDeadline(ServerCall call, TimeSpan methodTimeout, TimeProvider time, out long deadline)
    {
        TimeSpan budget = methodTimeout;
        if (call.Budget is { } milliseconds)
        {
            budget = TimeSpan.FromMilliseconds(Math.Min(milliseconds, (long)RpcTimeouts.Longest.TotalMilliseconds));
            if (IsGrosslyLate(call.Delivery.Timestamp, budget, time.GetUtcNow()))
            {
                deadline = 0;
                return false;
            }
        }

        deadline = budget == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : call.Delivery.ReceivedAt + (long)(budget.TotalSeconds * time.TimestampFrequency);
        return time.GetTimestamp() < deadline;
    }

    private static bool IsGrosslyLate(long timestamp, TimeSpan budget, DateTimeOffset now) =>
        timestamp > 0 && now.ToUnixTimeSeconds() - (double)timestamp > (budget + AllowedSkew).TotalSeconds;
}
