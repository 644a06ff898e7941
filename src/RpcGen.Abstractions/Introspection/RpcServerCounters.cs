namespace RpcGen;

/// <summary>
/// The calls that an instance has handled since it started. Immutable. The numbers are read one after the other, so a call
/// that ends meanwhile can be missing or counted twice.
/// </summary>
public sealed class RpcServerCounters
{
    /// <summary>Calls that are being checked or run, without the question that asked for these counters.</summary>
    public long InFlight { get; init; }

    /// <summary>Calls that the server has started to handle: the sum of all other counters.</summary>
    public long Started { get; init; }

    /// <summary>Calls that ran and succeeded, including one-way calls.</summary>
    public long Answered { get; init; }

    /// <summary>Calls that ran and failed, with a declared fault or any other exception.</summary>
    public long Faulted { get; init; }

    /// <summary>Calls that were abandoned: the caller cancelled, the deadline passed, or another server received the request.</summary>
    public long Cancelled { get; init; }

    /// <summary>Requests that did not run: malformed, for an unknown method, invalid, late, or without a reply address.</summary>
    public long Refused { get; init; }
}
