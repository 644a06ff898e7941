namespace RpcGen.Cli.Checks;

/// <summary>How a check ended.</summary>
internal enum FindingKind
{
    /// <summary>All is well.</summary>
    Ok,

    /// <summary>It works, but should be looked at.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failure,
}

/// <summary>The result of one check.</summary>
/// <param name="Kind">How it ended.</param>
/// <param name="Check">What was checked.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What to do; null if nothing.</param>
internal sealed record Finding(FindingKind Kind, string Check, string Detail, string? Remedy = null);
