using System.Text.Json;

namespace RpcGen.Cli;

/// <summary>Turns exceptions into one line and an exit code.</summary>
internal static class Failures
{
    /// <summary>Writes what went wrong.</summary>
    /// <returns>The exit code.</returns>
    public static int Report(Exception exception, TextWriter error)
    {
        switch (exception)
        {
            case OperationCanceledException:
                error.WriteLine("Cancelled.");
                return ExitCodes.Cancelled;
            case RpcValidationException invalid:
                foreach ((string path, string[] messages) in invalid.Errors)
                {
                    error.WriteLine($"{path}: {string.Join(" ", messages)}");
                }

                return ExitCodes.Usage;
            case RpcRemoteException remote:
                error.WriteLine($"{remote.Code}: {OneLine(remote.Message)}");
                WriteData(remote.FaultData, error);
                return ExitCodes.Fault;
            default:
                error.WriteLine(OneLine(exception.Message));
                return CodeOf(exception);
        }
    }

    private static int CodeOf(Exception exception) => exception switch
    {
        UsageException or ArgumentException => ExitCodes.Usage,
        RpcUnavailableException => ExitCodes.Unavailable,
        RpcTimeoutException => ExitCodes.Timeout,
        RpcAccessDeniedException => ExitCodes.AccessDenied,
        RpcConnectionException => ExitCodes.Connection,
        _ => ExitCodes.Fault,
    };

    private static void WriteData(JsonElement? data, TextWriter error)
    {
        if (data is { ValueKind: JsonValueKind.Object } members)
        {
            foreach (JsonProperty member in members.EnumerateObject())
            {
                error.WriteLine($"  {member.Name}: {(member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : member.Value.GetRawText())}");
            }
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
}
