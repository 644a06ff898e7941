using System.Globalization;
using System.Text.Json;

namespace RpcGen.Cli.Tracing;

/// <summary>Writes a call that has ended as a line of text, or as JSON.</summary>
internal static class CallEventText
{
    /// <summary>The line of a call among others.</summary>
    public static string LineOf(RpcCallEvent ended)
    {
        string time = ended.EndedAt.UtcDateTime.ToString("HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        string redelivered = ended.IsRedelivered ? "  redelivered" : "";
        return OneLine.Of($"{time}  {ended.Service.Queue}  {ended.Method}  {OutcomeOf(ended)}  {TimesOf(ended)}  {ended.CallId ?? "-"}{redelivered}");
    }

    /// <summary>How a call ended.</summary>
    public static string OutcomeOf(RpcCallEvent ended)
    {
        string outcome = NameOf(ended.Outcome);
        return ended.FaultCode is { } code && code != outcome ? $"{outcome} {code}" : outcome;
    }

    /// <summary>How long a call ran and waited.</summary>
    public static string TimesOf(RpcCallEvent ended) => ended.Duration is { } run ? $"{Milliseconds(run)} ms, waited {Milliseconds(ended.Waited)} ms" : $"did not run, waited {Milliseconds(ended.Waited)} ms";

    /// <summary>Writes a call as an object.</summary>
    public static void Write(Utf8JsonWriter writer, RpcCallEvent ended)
    {
        writer.WriteStartObject();
        writer.WriteString("endedAt", ended.EndedAt);
        writer.WriteString("queue", ended.Service.Queue);
        writer.WriteString("instance", ended.Service.Instance.Id);
        writer.WriteString("host", ended.Service.Instance.HostName);
        writer.WriteString("method", ended.Method);
        writer.WriteString("outcome", NameOf(ended.Outcome));
        writer.WriteString("code", ended.FaultCode);
        if (ended.Duration is { } run)
        {
            writer.WriteNumber("ms", run.TotalMilliseconds);
        }
        else
        {
            writer.WriteNull("ms");
        }

        writer.WriteNumber("waited", ended.Waited.TotalMilliseconds);
        writer.WriteBoolean("redelivered", ended.IsRedelivered);
        writer.WriteString("id", ended.CallId);
        writer.WriteString("trace", ended.TraceId);
        writer.WriteEndObject();
    }

    /// <summary>A time in milliseconds, in few digits.</summary>
    public static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString(time.TotalMilliseconds < 100 ? "0.#" : "0", CultureInfo.InvariantCulture);

    private static string NameOf(RpcCallOutcome outcome) => outcome switch
    {
        RpcCallOutcome.Answered => "answered",
        RpcCallOutcome.Faulted => "faulted",
        RpcCallOutcome.Cancelled => "cancelled",
        _ => "refused",
    };
}
