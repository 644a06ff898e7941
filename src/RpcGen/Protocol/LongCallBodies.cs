using System.Text.Json;
using RpcGen.Transport;

namespace RpcGen.Protocol;

/// <summary>Writes and reads the bodies of the messages by which the peers of long calls watch each other. Readers ignore unknown members.</summary>
internal static class LongCallBodies
{
    private const string Every = "every";
    private const string Instance = "instance";
    private const string Number = "number";
    private const string Run = "run";
    private const string Calls = "calls";
    private const string Unknown = "unknown";

    /// <summary>The body of <c>open</c>: who runs the call, and how often it says that it is alive.</summary>
    /// <param name="every">How often the server says that it is alive.</param>
    /// <param name="instance">The server.</param>
    /// <param name="run">Which run of the call it is.</param>
    public static byte[] WriteOpen(TimeSpan every, string instance, long run) => Write(writer =>
    {
        WriteSender(writer, every, instance);
        writer.WriteNumber(Run, run);
    });

    /// <summary>The body of <c>waiting</c>: the calls whose results the caller waits for.</summary>
    /// <param name="every">How often the caller says that it is alive.</param>
    /// <param name="instance">The caller.</param>
    /// <param name="number">Larger than those of all earlier messages of the caller.</param>
    /// <param name="calls">The calls.</param>
    public static byte[] WriteWaiting(TimeSpan every, string instance, long number, IEnumerable<WaitingCall> calls) => Write(writer =>
    {
        WriteSender(writer, every, instance);
        writer.WriteNumber(Number, number);
        writer.WriteStartArray(Calls);
        foreach ((LongCallName call, long run) in calls)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(call.Id.ToString());
            writer.WriteStringValue(call.ReplyTo);
            if (run != WaitingCall.AnyRun)
            {
                writer.WriteNumberValue(run);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    });

    /// <summary>The body of <c>running</c>: the calls of the receiver that this server answers, and those that it does not know.</summary>
    /// <param name="every">How often the server says that it is alive.</param>
    /// <param name="instance">The server.</param>
    /// <param name="number">The number of the receiver's last message.</param>
    /// <param name="calls">The calls that the server answers.</param>
    /// <param name="unknown">The calls that it does not know.</param>
    public static byte[] WriteRunning(TimeSpan every, string instance, long number, IEnumerable<CorrelationId> calls, IEnumerable<CorrelationId> unknown) => Write(writer =>
    {
        WriteSender(writer, every, instance);
        writer.WriteNumber(Number, number);
        WriteIds(writer, Calls, calls);
        WriteIds(writer, Unknown, unknown);
    });

    /// <summary>Reads <c>open</c>.</summary>
    /// <exception cref="Exception">The body does not have this form.</exception>
    public static OpenBody ReadOpen(ReadOnlyMemory<byte> body)
    {
        using JsonDocument read = JsonDocument.Parse(body);
        return new OpenBody(ReadSender(read.RootElement), read.RootElement.TryGetProperty(Run, out JsonElement run) ? run.GetInt64() : WaitingCall.AnyRun);
    }

    /// <summary>Reads <c>waiting</c>.</summary>
    /// <exception cref="Exception">The body does not have this form.</exception>
    public static WaitingBody ReadWaiting(ReadOnlyMemory<byte> body)
    {
        using JsonDocument read = JsonDocument.Parse(body);
        WaitingCall[] calls = [.. read.RootElement.GetProperty(Calls).EnumerateArray().Select(static call =>
            new WaitingCall(new LongCallName(ReadId(call[0]), ReadName(call[1])), call.GetArrayLength() > 2 ? call[2].GetInt64() : WaitingCall.AnyRun))];
        return new WaitingBody(ReadSender(read.RootElement), read.RootElement.GetProperty(Number).GetInt64(), calls);
    }

    /// <summary>Reads <c>running</c>.</summary>
    /// <exception cref="Exception">The body does not have this form.</exception>
    public static RunningBody ReadRunning(ReadOnlyMemory<byte> body)
    {
        using JsonDocument read = JsonDocument.Parse(body);
        long number = read.RootElement.TryGetProperty(Number, out JsonElement heard) ? heard.GetInt64() : long.MaxValue;
        return new RunningBody(ReadSender(read.RootElement), number, ReadIds(read.RootElement, Calls), ReadIds(read.RootElement, Unknown));
    }

    private static void WriteSender(Utf8JsonWriter writer, TimeSpan every, string instance)
    {
        writer.WriteNumber(Every, (long)every.TotalMilliseconds);
        writer.WriteString(Instance, instance);
    }

    private static LongCallSender ReadSender(JsonElement body)
    {
        long every = body.TryGetProperty(Every, out JsonElement milliseconds) ? milliseconds.GetInt64() : 0;
        return new LongCallSender(ReadName(body.GetProperty(Instance)), every > 0 ? StreamBeat.Clamp(every) : StreamBeat.Default);
    }

    private static void WriteIds(Utf8JsonWriter writer, string name, IEnumerable<CorrelationId> ids)
    {
        writer.WriteStartArray(name);
        foreach (CorrelationId id in ids)
        {
            writer.WriteStringValue(id.ToString());
        }

        writer.WriteEndArray();
    }

    private static CorrelationId[] ReadIds(JsonElement body, string name) =>
        body.TryGetProperty(name, out JsonElement ids) ? [.. ids.EnumerateArray().Select(ReadId)] : [];

    private static CorrelationId ReadId(JsonElement id) => new CorrelationId(ReadName(id)).Normalize();

    private static string ReadName(JsonElement name) =>
        name.GetString() is { Length: > 0 and <= JsonLimits.MaxNameBytes } text ? text : throw new JsonException("a name is empty or too long.");

    private static byte[] Write(Action<Utf8JsonWriter> writeMembers)
    {
        var body = new PooledBuffer();
        Utf8JsonWriter writer = JsonWriters.Rent(body);
        writer.WriteStartObject();
        writeMembers(writer);
        writer.WriteEndObject();
        writer.Flush();
        JsonWriters.Return(writer);
        byte[] written = body.Written.ToArray();
        body.Release();
        return written;
    }
}

/// <summary>A call, as its caller and its server both know it.</summary>
/// <param name="Id">Its <c>correlation_id</c>, normalized.</param>
/// <param name="ReplyTo">The <c>reply_to</c> of its request.</param>
internal readonly record struct LongCallName(CorrelationId Id, string ReplyTo);

/// <summary>The sender of a message about long calls.</summary>
/// <param name="Instance">Its name, which stays the same when it connects again.</param>
/// <param name="Every">How often it says that it is alive.</param>
internal readonly record struct LongCallSender(string Instance, TimeSpan Every);

/// <summary>What an announcement says.</summary>
/// <param name="Sender">The server.</param>
/// <param name="Run">Which run of the call it is; <see cref="WaitingCall.AnyRun"/> if it does not say so.</param>
internal readonly record struct OpenBody(LongCallSender Sender, long Run);

/// <summary>A call that a caller waits for.</summary>
/// <param name="Name">The call.</param>
/// <param name="Run">Which run of the call the server has announced. The same server can run a call again, and earlier messages do not mean that run.</param>
internal readonly record struct WaitingCall(LongCallName Name, long Run)
{
    /// <summary>The caller does not say which run it means.</summary>
    public const long AnyRun = 0;
}

/// <summary>What a caller says.</summary>
/// <param name="Sender">The caller.</param>
/// <param name="Number">Larger than those of all earlier messages of the caller.</param>
/// <param name="Calls">The calls that it waits for.</param>
internal sealed record WaitingBody(LongCallSender Sender, long Number, IReadOnlyList<WaitingCall> Calls);

/// <summary>What a server says to a caller.</summary>
/// <param name="Sender">The server.</param>
/// <param name="Number">The number of the caller's last message that it has heard; the largest if it does not say so.</param>
/// <param name="Calls">The calls that it answers.</param>
/// <param name="Unknown">The calls that the caller has listed, and that it does not answer.</param>
internal sealed record RunningBody(LongCallSender Sender, long Number, IReadOnlyList<CorrelationId> Calls, IReadOnlyList<CorrelationId> Unknown);
