using Microsoft.Extensions.Logging;

namespace RpcGen.AspNetCore.Problems;

/// <summary>All log messages of this package. The middleware logs no exception that a handler has answered.</summary>
internal static partial class ProblemLog
{
    /// <summary>A call failed for a reason that its HTTP client cannot remove. The response does not show it.</summary>
    [LoggerMessage(120, LogLevel.Error, "A call of the request failed, which is answered with status {Status}. Call id: {CallId}")]
    public static partial void CallFailed(ILogger logger, int status, string? callId, Exception exception);
}
