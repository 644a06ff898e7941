namespace RpcGen;

/// <summary>How a call ended on the server, as <see cref="RpcCallEvent"/> says.</summary>
public enum RpcCallOutcome
{
    /// <summary>It ran and succeeded.</summary>
    Answered = 0,

    /// <summary>It ran and failed.</summary>
    Faulted = 1,

    /// <summary>It ran and was given up: cancelled by its caller, late, or interrupted.</summary>
    Cancelled = 2,

    /// <summary>It did not run.</summary>
    Refused = 3,
}
