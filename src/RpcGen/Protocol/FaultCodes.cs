namespace RpcGen.Protocol;

/// <summary>The fault codes that no contract may declare.</summary>
internal static class FaultCodes
{
    /// <summary>The arguments break the contract.</summary>
    public const string Validation = "validation";

    /// <summary>The message breaks the protocol.</summary>
    public const string Protocol = "protocol";

    /// <summary>The service has no such method.</summary>
    public const string UnknownMethod = "unknown-method";

    /// <summary>The server does not understand this kind of message.</summary>
    public const string Unsupported = "unsupported";

    /// <summary>This server will not run the request, an earlier one may have.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>An exception that the contract does not declare.</summary>
    public const string Internal = "internal";

    /// <summary>The deadline passed on the server.</summary>
    public const string Timeout = "timeout";

    /// <summary>The handler gave up by itself, with <see cref="OperationCanceledException"/>.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The server must know who calls, and does not.</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>The caller may not call this.</summary>
    public const string PermissionDenied = "permission-denied";

    /// <summary>A reserved code as one of these constants; null for any other.</summary>
    public static string? Known(string code) => code switch
    {
        Validation => Validation,
        Protocol => Protocol,
        UnknownMethod => UnknownMethod,
        Unsupported => Unsupported,
        Unavailable => Unavailable,
        Internal => Internal,
        Timeout => Timeout,
        Cancelled => Cancelled,
        Unauthenticated => Unauthenticated,
        PermissionDenied => PermissionDenied,
        _ => null,
    };

    /// <summary>Whether it is the server that failed, and not its caller that asked for too much.</summary>
    public static bool IsServersFailure(string? code) => code is Internal or Timeout or Unavailable or Cancelled;
}
