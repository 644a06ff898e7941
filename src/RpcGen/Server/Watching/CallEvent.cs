using System.Text.Json;
using RpcGen.Transport;

namespace RpcGen.Server.Watching;

/// <summary>A call that has ended, as those who watch are told. Never add what a caller or a handler said: arguments, results, texts of exceptions.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Method">The method, or the name that the caller sent for one.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Code">The fault's code; null for none.</param>
/// <param name="Run">How long the method ran; null if it did not.</param>
/// <param name="Waited">How long the instance had the request before.</param>
/// <param name="IsRedelivered">Whether the broker had delivered it before.</param>
/// <param name="Trace">The id of its trace; null for none.</param>
/// <param name="EndedAt">When it ended.</param>
internal readonly record struct CallEvent(
    CorrelationId Id, string Method, RpcCallOutcome Outcome, string? Code, TimeSpan? Run, TimeSpan Waited, bool IsRedelivered, string? Trace, DateTimeOffset EndedAt)
{
    /// <summary>Writes the event as an object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", Id.IsEmpty ? null : Id.ToString());
        writer.WriteString("method", Method);
        writer.WriteString("outcome", Outcome switch
        {
            RpcCallOutcome.Answered => "answered",
            RpcCallOutcome.Faulted => "faulted",
            RpcCallOutcome.Cancelled => "cancelled",
            _ => "refused",
        });
        writer.WriteString("code", Code);
        if (Run is { } run)
        {
            writer.WriteNumber("ms", Milliseconds(run));
        }
        else
        {
            writer.WriteNull("ms");
        }

        writer.WriteNumber("waited", Milliseconds(Waited));
        writer.WriteBoolean("redelivered", IsRedelivered);
        writer.WriteString("trace", Trace);
        writer.WriteNumber("at", EndedAt.ToUnixTimeMilliseconds());
        writer.WriteEndObject();
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(Math.Max(0, time.TotalMilliseconds), 3);
}
