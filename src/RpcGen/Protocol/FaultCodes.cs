using System.Collections.Frozen;

namespace RpcGen.Protocol;

/// <summary>The fault codes of the protocol. No contract can declare them.</summary>
internal static class FaultCodes
{
    /// <summary>The arguments break the contract. The method did not run.</summary>
    public const string Validation = "validation";

    /// <summary>The message breaks the protocol. The method did not run.</summary>
    public const string Protocol = "protocol";

    /// <summary>The request exceeds a size limit. The method did not run.</summary>
    public const string TooLarge = "too-large";

    /// <summary>The method ran, but its result exceeds a size limit.</summary>
    public const string ResultTooLarge = "result-too-large";

    /// <summary>The service has no such method. Nothing ran.</summary>
    public const string UnknownMethod = "unknown-method";

    /// <summary>The server does not support this kind of message. Nothing ran.</summary>
    public const string Unsupported = "unsupported";

    /// <summary>The server is stopping. The method did not run.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The server has too many calls to run this one in time. The method did not run.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>The call was interrupted. The method may have run, in part or in full.</summary>
    public const string Interrupted = "interrupted";

    /// <summary>The handler threw an exception that the contract does not declare.</summary>
    public const string Internal = "internal";

    /// <summary>The deadline passed on the server.</summary>
    public const string Timeout = "timeout";

    /// <summary>The handler cancelled the call itself.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The caller is not authenticated.</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>The caller is not authorized.</summary>
    public const string PermissionDenied = "permission-denied";

    private static readonly FrozenDictionary<string, RpcExecution> Reserved = new Dictionary<string, RpcExecution>
    {
        [Validation] = RpcExecution.NotStarted,
        [Protocol] = RpcExecution.NotStarted,
        [TooLarge] = RpcExecution.NotStarted,
        [ResultTooLarge] = RpcExecution.Started,
        [UnknownMethod] = RpcExecution.NotStarted,
        [Unsupported] = RpcExecution.NotStarted,
        [Unavailable] = RpcExecution.NotStarted,
        [Overloaded] = RpcExecution.NotStarted,
        [Interrupted] = RpcExecution.Unknown,
        [Internal] = RpcExecution.Started,
        [Timeout] = RpcExecution.Started,
        [Cancelled] = RpcExecution.Started,
        [Unauthenticated] = RpcExecution.NotStarted,
        [PermissionDenied] = RpcExecution.NotStarted,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<string> All => Reserved.Keys;

    /// <summary>Whether <paramref name="code"/> is reserved.</summary>
    public static bool IsReserved(string code) => Reserved.ContainsKey(code);

    /// <summary>What a code implies about the execution, if the fault itself says nothing.</summary>
    public static RpcExecution ExecutionOf(string code) => Reserved.GetValueOrDefault(code, RpcExecution.Started);

    /// <summary>Whether the server is at fault, and not the caller.</summary>
    public static bool IsServersFailure(string? code) => code is Internal or Timeout or Unavailable or Overloaded or Interrupted or Cancelled or ResultTooLarge;
}
