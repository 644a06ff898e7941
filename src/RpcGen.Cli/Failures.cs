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
                    error.WriteLine($"{OneLine.Of(path)}: {OneLine.Of(string.Join(" ", messages))}");
                }

                return ExitCodes.Usage;
            case RpcRemoteException remote:
                error.WriteLine($"{OneLine.Of(remote.Code)}: {Flatten(remote.Message)}");
                WriteData(remote.FaultData, error);
                return ExitCodes.Fault;
            default:
                error.WriteLine(Flatten(exception.Message));
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
                error.WriteLine($"  {OneLine.Of(member.Name)}: {OneLine.Of(TextOf(member.Value))}");
            }
        }
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string Flatten(string message) => message.ReplaceLineEndings(" ");
}
