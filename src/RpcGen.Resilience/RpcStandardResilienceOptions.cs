namespace RpcGen;

/// <summary>
/// Settings of <c>AddStandardResilience</c>. They are named options with the name of the client's options, are validated when the
/// host starts, and are read once. Not thread-safe.
/// </summary>
public sealed class RpcStandardResilienceOptions
{
    /// <summary>How often a call is repeated at most, 0 or more. Default: 3.</summary>
    public int MaxRetryAttempts { get; set; } = 3;

    /// <summary>
    /// The pause before the first repetition, zero to one day. It varies, and doubles with each repetition. If the failure says when
    /// to try again (<see cref="RpcUnavailableException.RetryAfter"/>), that is the pause. Default: 50 ms.
    /// </summary>
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The time limit of a single attempt, positive. All attempts together never exceed the call's own time limit. Default: null, an attempt can
    /// use all the time that remains.
    /// </summary>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>
    /// How many calls of the client can wait for their outcome at a time, repetitions and pauses included: 1 or more. One more
    /// throws <see cref="RpcUnavailableException"/> with <see cref="RpcUnavailableReason.TooManyCalls"/>. Default: 1,000.
    /// </summary>
    public int MaxPendingCalls { get; set; } = 1000;

    /// <summary>
    /// The share of failed attempts that opens the circuit breaker, above 0 and at most 1, if there were at least 100 attempts within 30 seconds. For
    /// 5 seconds, calls then throw <see cref="RpcUnavailableException"/> at once. Default: 0.1.
    /// </summary>
    public double FailureRatio { get; set; } = 0.1;
}
