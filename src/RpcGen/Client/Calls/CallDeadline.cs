namespace RpcGen.Client.Calls;

/// <summary>By when a call has to be over.</summary>
/// <param name="Timeout">The time that the call has in all.</param>
/// <param name="Timestamp">Its end as a timestamp of the clock; <see cref="long.MaxValue"/> for no deadline.</param>
internal readonly record struct CallDeadline(TimeSpan Timeout, long Timestamp)
{
    /// <summary>No deadline.</summary>
    public static CallDeadline None { get; } = new(System.Threading.Timeout.InfiniteTimeSpan, long.MaxValue);

    /// <summary>
    /// The deadline of a call. A call made by a handler inherits what remains of the call that the handler
    /// runs, if that is less.
    /// </summary>
    /// <param name="timeout">The call's own timeout.</param>
    /// <param name="time">The clock.</param>
    /// <param name="now">When the call starts, as a timestamp of the clock.</param>
    /// <param name="expired">The method that the handler runs, if its deadline has passed already; otherwise null.</param>
    public static CallDeadline Start(TimeSpan timeout, TimeProvider time, long now, out string? expired)
    {
        expired = null;
        if (RpcCallContext.Current is { } handling)
        {
            TimeSpan remaining = handling.Remaining;
            if (remaining == TimeSpan.Zero)
            {
                expired = handling.Method.Name;
                return None;
            }

            bool isLess = timeout == System.Threading.Timeout.InfiniteTimeSpan || remaining < timeout;
            if (remaining != System.Threading.Timeout.InfiniteTimeSpan && isLess)
            {
                timeout = remaining;
            }
        }

        return timeout == System.Threading.Timeout.InfiniteTimeSpan
            ? None
            : new CallDeadline(timeout, now + (long)(timeout.TotalSeconds * time.TimestampFrequency));
    }
}
