using Microsoft.Extensions.Logging;

namespace RpcGen.AspNetCore;

/// <summary>All log messages of this package. One class: the SDK's generator writes several in an undefined order, so that builds of the same commit would differ.</summary>
internal static partial class AspNetCoreLog
{
    /// <summary>
    /// A call failed for a reason that its HTTP client cannot remove. The response does not show it, and the middleware logs no exception that a handler has
    /// answered.
    /// </summary>
    [LoggerMessage(120, LogLevel.Error, "A call of the request failed, which is answered with status {Status}. Call id: {CallId}")]
    public static partial void CallFailed(ILogger logger, int status, string? callId, Exception exception);

    /// <summary>Somebody asked for a document that is closed.</summary>
    [LoggerMessage(121, LogLevel.Warning, "The AsyncAPI document was asked for, and answered with 404: outside of the environment Development, MapRpcGenAsyncApi() needs RequireAuthorization() or AllowAnonymous().")]
    public static partial void DocumentClosed(ILogger logger);

    /// <summary>Somebody asked for the explorer, which is closed.</summary>
    [LoggerMessage(122, LogLevel.Warning, "The explorer was asked for, and answered with 404: outside of the environment Development, MapRpcGenExplorer() needs RequireAuthorization().")]
    public static partial void ExplorerClosed(ILogger logger);
}
