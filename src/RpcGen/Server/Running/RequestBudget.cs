namespace RpcGen.Server.Running;

/// <summary>
/// Computes a call's deadline. AMQP's <c>expiration</c> arrives unchanged however long the message waited, so the budget
/// counts from receipt. A call that certainly waited longer than its budget in the queue, in a batch for example, is late. By
/// itself, <c>timestamp</c> is not usable, because it comes from another machine's clock.
/// </summary>
internal static class RequestBudget
{
    /// <summary>Gives the call's deadline as a timestamp of the clock; <see cref="long.MaxValue"/> for none. False if it has passed.</summary>
    /// <param name="call">The call.</param>
    /// <param name="methodTimeout">The budget of callers that ask for none.</param>
    /// <param name="longest">The longest budget, even if the caller asks for more.</param>
    /// <param name="time">The clock.</param>
    /// <param name="deadline">The deadline.</param>
    public static bool TryGetDeadline(ServerCall call, TimeSpan methodTimeout, TimeSpan longest, TimeProvider time, out long deadline)
    {
        TimeSpan budget = methodTimeout;
        if (call.Budget is { } milliseconds)
        {
            budget = TimeSpan.FromMilliseconds(milliseconds);
            if (call.Delivery.WaitedAtLeast >= budget)
            {
                deadline = call.Delivery.ReceivedAt;
                return false;
            }
        }

        budget = Shorter(budget, longest);
        deadline = budget == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : call.Delivery.ReceivedAt + (long)(budget.TotalSeconds * time.TimestampFrequency);
        return time.GetTimestamp() < deadline;
    }

    /// <summary>Whether the caller asks for more time than <paramref name="longest"/>: it can still wait when the deadline passes.</summary>
    public static bool IsCapped(ServerCall call, TimeSpan longest) =>
        longest != Timeout.InfiniteTimeSpan && call.Budget > longest.TotalMilliseconds;

    /// <summary>The shorter of two time limits, of which each can be infinite.</summary>
    public static TimeSpan Shorter(TimeSpan first, TimeSpan second) =>
        first == Timeout.InfiniteTimeSpan || (second != Timeout.InfiniteTimeSpan && second < first) ? second : first;
}
