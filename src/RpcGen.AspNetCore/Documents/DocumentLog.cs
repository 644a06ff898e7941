using Microsoft.Extensions.Logging;

namespace RpcGen.AspNetCore.Documents;

/// <summary>Log messages about documents and the explorer.</summary>
internal static partial class DocumentLog
{
    /// <summary>Somebody asked for a document that is closed.</summary>
    [LoggerMessage(121, LogLevel.Warning, "The AsyncAPI document was asked for, and answered with 404: outside of the environment Development, MapRpcGenAsyncApi() needs RequireAuthorization() or AllowAnonymous().")]
    public static partial void Closed(ILogger logger);

    /// <summary>Somebody asked for the explorer, which is closed.</summary>
    [LoggerMessage(122, LogLevel.Warning, "The explorer was asked for, and answered with 404: outside of the environment Development, MapRpcGenExplorer() needs RequireAuthorization().")]
    public static partial void ExplorerClosed(ILogger logger);
}
