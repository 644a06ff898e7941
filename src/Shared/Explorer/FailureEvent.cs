using System.Text.Json;

namespace RpcGen.Explorer;

/// <summary>Writes failures for the page.</summary>
internal static class FailureEvent
{
    /// <summary>Writes what went wrong as the member <c>failure</c>.</summary>
    public static void Write(Utf8JsonWriter writer, Exception exception)
    {
        writer.WriteStartObject("failure");
        writer.WriteString("code", CodeOf(exception));
        writer.WriteString("message", exception.Message);
        if (exception is RpcException { CallId: { } id })
        {
            writer.WriteString("callId", id);
        }

        if (exception is RpcValidationException invalid)
        {
            writer.WriteStartObject("errors");
            foreach ((string path, string[] messages) in invalid.Errors)
            {
                writer.WriteString(path, string.Join(" ", messages));
            }

            writer.WriteEndObject();
        }

        if (exception is RpcRemoteException { FaultData: { } data })
        {
            writer.WriteString("data", data.GetRawText()); // as text, because the page would round numbers
        }

        writer.WriteEndObject();
    }

    private static string CodeOf(Exception exception) => exception switch
    {
        RpcRemoteException remote => remote.Code,
        RpcValidationException => "validation",
        RpcUnavailableException => "unavailable",
        RpcTimeoutException or OperationCanceledException => "timeout",
        RpcAccessDeniedException => "access-denied",
        RpcProtocolException => "protocol",
        RpcConnectionException => "connection",
        _ => "invalid",
    };
}
