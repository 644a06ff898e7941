namespace RpcGen.Server.Running;

/// <summary>The running calls that are past their deadline.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="OldestMethod">The method of the one whose deadline passed first.</param>
/// <param name="OldestId">Its id.</param>
/// <param name="OldestDeadline">Its deadline, as a timestamp of the clock.</param>
/// <param name="NextCheck">When another call counts, as a timestamp of the clock; <see cref="long.MaxValue"/> for none.</param>
internal readonly record struct OverdueCalls(int Count, string? OldestMethod, string? OldestId, long OldestDeadline, long NextCheck)
{
    /// <summary>No call.</summary>
    public static OverdueCalls None { get; } = new(0, null, null, long.MaxValue, long.MaxValue);

    /// <summary>Finds those whose deadline passed before <paramref name="threshold"/>.</summary>
    /// <param name="running">The running calls.</param>
    /// <param name="threshold">The timestamp.</param>
    /// <param name="grace">The time from the threshold to the current timestamp.</param>
    public static OverdueCalls Find(IEnumerable<ServerCall> running, long threshold, long grace)
    {
        OverdueCalls found = None;
        foreach (ServerCall call in running.Where(call => call.HasStarted && call.Deadline <= threshold + grace))
        {
            if (call.Deadline > threshold)
            {
                found = found with { NextCheck = Math.Min(found.NextCheck, call.Deadline + grace) };
                continue;
            }

            found = call.Deadline < found.OldestDeadline
                ? found with { Count = found.Count + 1, OldestMethod = call.Type, OldestId = call.Id.ToString(), OldestDeadline = call.Deadline }
                : found with { Count = found.Count + 1 };
        }

        return found;
    }
}
