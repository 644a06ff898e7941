namespace RpcGen;

/// <summary>The rule for time limits.</summary>
internal static class RpcTimeouts
{
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    /// <summary>The longest time limit: .NET timers and AMQP's <c>expiration</c> count milliseconds in 32 bits.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    public static void ThrowIfInvalid(TimeSpan? timeout, string name)
    {
        if (timeout is { } value && value != Timeout.InfiniteTimeSpan && (value <= TimeSpan.Zero || value > Longest))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be positive and at most {Longest.Days} days, or Timeout.InfiniteTimeSpan.");
        }
    }
}
