namespace RpcGen.Server.Running;

/// <summary>
/// Estimates how long requests wait in the queue. <c>timestamp</c> has whole seconds of the caller's clock. A request that comes
/// while the consumer has credit to spare did not wait, and shows what its caller's clock is off. The others show the delay of the
/// queue, which changes slowly: the mean of several makes up for the whole seconds. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class QueueDelay(TimeProvider time)
{
    /// <summary>The most callers whose clocks are known.</summary>
    public const int MaxCallers = 4096;

    /// <summary>How much the estimate can be too high, in seconds, because timestamps have whole seconds. It is taken off, so that calls with little time are not refused for nothing.</summary>
    private const double Uncertainty = 0.25;

    /// <summary>The weight of a new value.</summary>
    private const double Weight = 1.0 / 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, double> _offsets = new(StringComparer.Ordinal);
    private double _seconds;

    /// <summary>Notes a request.</summary>
    /// <param name="caller">The caller's address.</param>
    /// <param name="timestamp">When it was sent, by the caller's clock in seconds since 1970; 0 if unknown.</param>
    /// <param name="foundCredit">Whether it came while the consumer had credit to spare.</param>
    /// <returns>How long it waited in the queue, as far as is known.</returns>
    public TimeSpan Note(string? caller, long timestamp, bool foundCredit)
    {
        double age = timestamp > 0 ? (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds - timestamp : 0;
        lock (_gate)
        {
            if (foundCredit)
            {
                _seconds = 0;
                Learn(caller, timestamp, age);
                return TimeSpan.Zero;
            }

            if (timestamp > 0 && caller is not null && _offsets.TryGetValue(caller, out double offset))
            {
                _seconds = Math.Max(0, _seconds + (Weight * (age - offset - _seconds)));
            }

            return TimeSpan.FromSeconds(Math.Max(0, _seconds - Uncertainty));
        }
    }

    private void Learn(string? caller, long timestamp, double age)
    {
        if (timestamp <= 0 || caller is null)
        {
            return;
        }

        if (_offsets.Count >= MaxCallers && !_offsets.ContainsKey(caller))
        {
            _offsets.Clear(); // callers come back with their next request
        }

        bool isKnown = _offsets.TryGetValue(caller, out double offset);

        // A clock that was set shows at once; whole seconds differ by less.
        _offsets[caller] = isKnown && Math.Abs(age - offset) <= 1 ? offset + (Weight * (age - offset)) : age;
    }
}
