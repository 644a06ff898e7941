using System.Text.Json;
using RpcGen.Transport;

namespace RpcGen.Protocol;

/// <summary>Writes and reads the bodies of the messages that control a stream. Readers ignore unknown members.</summary>
internal static class StreamBodies
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonLimits.MaxDepth };

    /// <summary>The body of <c>open</c>: how often the server says that it is alive.</summary>
    public static byte[] WriteOpen(TimeSpan every) => Write(every, static (writer, every) => writer.WriteNumber("every"u8, (long)every.TotalMilliseconds));

    /// <summary>The body of <c>grant</c>: how much the receiver takes in all, since the start.</summary>
    /// <param name="bytes">In bytes.</param>
    /// <param name="items">In items; <see cref="long.MaxValue"/> for no limit.</param>
    /// <param name="every">How often the receiver says that it is alive, if the grant announces it.</param>
    public static byte[] WriteGrant(long bytes, long items, TimeSpan? every = null) => Write((bytes, items, every), static (writer, grant) =>
    {
        if (grant.every is { } every)
        {
            writer.WriteNumber("every"u8, (long)every.TotalMilliseconds);
        }

        writer.WriteNumber("bytes"u8, grant.bytes);
        if (grant.items != long.MaxValue)
        {
            writer.WriteNumber("items"u8, grant.items);
        }
    });

    /// <summary>The body of <c>beat</c>.</summary>
    /// <param name="every">How often beats come.</param>
    /// <param name="calls">The calls that the sender has made, and those that it serves, each with how many messages it has sent for it.</param>
    public static byte[] WriteBeat(TimeSpan every, IReadOnlyList<BeatEntry> calls) => Write((every, calls), static (writer, beat) =>
    {
        writer.WriteNumber("every"u8, (long)beat.every.TotalMilliseconds);
        WriteCalls(writer, "calls"u8, beat.calls.Where(entry => !entry.IsServed));
        WriteCalls(writer, "served"u8, beat.calls.Where(entry => entry.IsServed));
    });

    /// <summary>Reads how often the sender says that it is alive, from <c>open</c> or <c>grant</c>; null if it does not say.</summary>
    /// <exception cref="JsonException">The body is not an object.</exception>
    public static TimeSpan? ReadEvery(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Options);
        TimeSpan? every = null;
        Begin(ref reader);
        while (NextMember(ref reader))
        {
            every = IsText(in reader, "every"u8) ? ReadEvery(ref reader) : Skip(ref reader, every);
        }

        return every;
    }

    /// <summary>Reads <c>grant</c>: the bytes, and the items if it names them.</summary>
    /// <exception cref="JsonException">The body is not an object.</exception>
    public static (long Bytes, long? Items) ReadGrant(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Options);
        (long bytes, long? items) = (0, null);
        Begin(ref reader);
        while (NextMember(ref reader))
        {
            if (IsText(in reader, "bytes"u8))
            {
                bytes = ReadCount(ref reader);
            }
            else if (IsText(in reader, "items"u8))
            {
                items = ReadCount(ref reader);
            }
            else
            {
                Skip(ref reader, 0);
            }
        }

        return (bytes, items);
    }

    /// <summary>Reads <c>beat</c>. Each entry is passed on, so that a beat with many of them costs no memory.</summary>
    /// <exception cref="JsonException">The body is not an object of this form.</exception>
    public static TimeSpan? ReadBeat(ReadOnlySpan<byte> body, Action<BeatEntry> onEntry)
    {
        var reader = new Utf8JsonReader(body, Options);
        TimeSpan? every = null;
        Begin(ref reader);
        while (NextMember(ref reader))
        {
            if (IsText(in reader, "every"u8))
            {
                every = ReadEvery(ref reader);
            }
            else if (IsText(in reader, "calls"u8))
            {
                ReadCalls(ref reader, isServed: false, onEntry);
            }
            else if (IsText(in reader, "served"u8))
            {
                ReadCalls(ref reader, isServed: true, onEntry);
            }
            else
            {
                Skip(ref reader, 0);
            }
        }

        return every;
    }

    private static void WriteCalls(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<BeatEntry> calls)
    {
        bool isOpen = false;
        foreach (BeatEntry call in calls)
        {
            if (!isOpen)
            {
                writer.WriteStartArray(name);
                isOpen = true;
            }

            writer.WriteStartArray();
            writer.WriteStringValue(call.Id.ToString());
            writer.WriteNumberValue(call.Sent);
            writer.WriteEndArray();
        }

        if (isOpen)
        {
            writer.WriteEndArray();
        }
    }

    private static void ReadCalls(ref Utf8JsonReader reader, bool isServed, Action<BeatEntry> onEntry)
    {
        Expect(ref reader, JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            Expect(ref reader, JsonTokenType.String);
            bool isTooLong = reader.ValueSpan.Length > JsonLimits.MaxNameBytes;
            var id = new CorrelationId(isTooLong ? throw new JsonException("the id of a call is too long.") : Text(in reader));
            onEntry(new BeatEntry(id.Normalize(), ReadCount(ref reader), isServed));
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                reader.Skip(); // later versions can add elements
            }
        }

        if (reader.TokenType != JsonTokenType.EndArray)
        {
            throw new JsonException("the calls are not an array of arrays.");
        }
    }

    private static TimeSpan? ReadEvery(ref Utf8JsonReader reader) => ReadCount(ref reader) is > 0 and var milliseconds ? StreamBeat.Clamp(milliseconds) : null;

    private static long ReadCount(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.Number);
        return reader.TryGetInt64(out long count) && count >= 0 ? count : throw new JsonException("a count is not a number from 0 to 2^63 - 1.");
    }

    private static bool IsText(in Utf8JsonReader reader, ReadOnlySpan<byte> text)
    {
        try
        {
            return reader.ValueTextEquals(text);
        }
        catch (InvalidOperationException e)
        {
            throw NotUnicode(e);
        }
    }

    private static string? Text(in Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw NotUnicode(e);
        }
    }

    private static JsonException NotUnicode(InvalidOperationException cause) => new("the body has text that is not valid Unicode.", cause);

    private static T Skip<T>(ref Utf8JsonReader reader, T value)
    {
        reader.Read();
        reader.Skip();
        return value;
    }

    private static void Begin(ref Utf8JsonReader reader) => Expect(ref reader, JsonTokenType.StartObject);

    private static bool NextMember(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new JsonException($"the body has {reader.TokenType} where {type} must be.");
        }
    }

    private static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> writeMembers)
    {
        var body = new PooledBuffer();
        Utf8JsonWriter writer = JsonWriters.Rent(body);
        writer.WriteStartObject();
        writeMembers(writer, value);
        writer.WriteEndObject();
        writer.Flush();
        JsonWriters.Return(writer);
        byte[] written = body.Written.ToArray();
        body.Release();
        return written;
    }
}

/// <summary>A call that a beat lists.</summary>
/// <param name="Id">The call's id, normalized.</param>
/// <param name="Sent">How many messages the sender of the beat has sent for the call.</param>
/// <param name="IsServed">Whether the sender of the beat serves the call, rather than having made it.</param>
internal readonly record struct BeatEntry(CorrelationId Id, long Sent, bool IsServed);
