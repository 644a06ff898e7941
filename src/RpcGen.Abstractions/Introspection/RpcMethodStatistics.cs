namespace RpcGen;

/// <summary>The calls of one method that an instance has handled since it started. Immutable.</summary>
public sealed class RpcMethodStatistics
{
    /// <summary>The method's name on the wire.</summary>
    public string Name { get; init; } = "";

    /// <summary>Calls that are being checked or run.</summary>
    public long InFlight { get; init; }

    /// <summary>Calls that ran and succeeded, including one-way calls.</summary>
    public long Answered { get; init; }

    /// <summary>Calls that ran and failed, with a declared fault or any other exception.</summary>
    public long Faulted { get; init; }

    /// <summary>Calls that were abandoned: the caller cancelled, the deadline passed, or another server received the request.</summary>
    public long Cancelled { get; init; }

    /// <summary>Requests that did not run: malformed, invalid, late, not allowed, or without a reply address.</summary>
    public long Refused { get; init; }

    /// <summary>
    /// How long the calls ran that have ended with any outcome. Element <c>i</c> counts those that took less than 0.25 ms × 2ⁱ and
    /// were not counted by an earlier element; the last of 24 elements counts all longer ones. Elements at the end that are 0 can be
    /// missing. The time starts with the method, after its arguments are read, and ends when its result is written. That of a stream
    /// ends when it is open.
    /// </summary>
    public IReadOnlyList<long> Durations { get; init; } = [];
}
