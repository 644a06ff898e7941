namespace RpcGen;

/// <summary>What an instance has done since it was started. Immutable; a moment's view, in which calls may be on their way from one number to another.</summary>
public sealed record RpcServerCounters
{
    /// <summary>Calls that are being checked or run at the moment, less those that ask for this.</summary>
    public long InFlight { get; init; }

    /// <summary>Calls that were taken up: all of the following, and those in flight.</summary>
    public long Started { get; init; }

    /// <summary>Calls that ran and succeeded; one-way calls too.</summary>
    public long Answered { get; init; }

    /// <summary>Calls that ran and failed, with declared faults or any other.</summary>
    public long Faulted { get; init; }

    /// <summary>Calls that were begun and given up: their caller had cancelled, their time was up, or another server got them.</summary>
    public long Cancelled { get; init; }

    /// <summary>Requests that were not run: broken, unknown, against the contract, late, or with nobody to answer to.</summary>
    public long Refused { get; init; }
}
