using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Streams;

/// <summary>A message with items, in a buffer of its own.</summary>
/// <param name="Body">The items; the receiver of this releases it.</param>
/// <param name="FirstItem">The number of the first item.</param>
/// <param name="Cost">What the message counts.</param>
internal readonly record struct ReceivedMessage(PooledBuffer? Body, long FirstItem, long Cost)
{
    /// <summary>Copies what is valid only until the consumer returns.</summary>
    public static ReceivedMessage Copy(ReadOnlySpan<byte> body, long firstItem, long cost)
    {
        var copy = new PooledBuffer();
        copy.Write(body);
        return new ReceivedMessage(copy, firstItem, cost);
    }
}

/// <summary>Reads the items of messages one at a time. Not thread-safe.</summary>
internal abstract class StreamItemReader<TItem>
{
    /// <summary>The item that was read last.</summary>
    public TItem? Current { get; protected set; }

    /// <summary>What the item counts: 1, or the length of a piece of bytes.</summary>
    public int Count { get; protected set; } = 1;

    /// <summary>Whether a message is being read.</summary>
    public bool IsInMessage => Message.Body is not null;

    /// <summary>The message that is being read.</summary>
    protected ReceivedMessage Message { get; private set; }

    /// <summary>Creates a reader.</summary>
    public static StreamItemReader<TItem> Create(RpcItems<TItem> items) =>
        items.IsRaw ? (StreamItemReader<TItem>)(object)new ByteReader() : new JsonItemReader<TItem>(items);

    /// <summary>Starts with a message.</summary>
    public virtual void Begin(ReceivedMessage message) => Message = message;

    /// <summary>Reads the next item. False at the end of the message.</summary>
    /// <exception cref="JsonException">The message is not an array of such items.</exception>
    public abstract bool TryRead();

    /// <summary>Ends the message. Returns what it counted.</summary>
    public long EndMessage()
    {
        long cost = Message.Cost;
        Release();
        return cost;
    }

    /// <summary>Gives up the message, if there is one.</summary>
    public virtual void Release()
    {
        Message.Body?.Release();
        Message = default;
    }
}

/// <summary>Reads messages that are JSON arrays of items.</summary>
internal sealed class JsonItemReader<TItem>(RpcItems<TItem> items) : StreamItemReader<TItem>
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonLimits.MaxDepth };

    private JsonReaderState _state;
    private int _offset;

    /// <inheritdoc/>
    public override void Begin(ReceivedMessage message)
    {
        base.Begin(message);
        _state = new JsonReaderState(Options);
        _offset = 0;
    }

    /// <inheritdoc/>
    public override bool TryRead()
    {
        ReadOnlySpan<byte> body = Message.Body!.Written.Span;
        if (body.IsEmpty)
        {
            return false;
        }

        var reader = new Utf8JsonReader(body[_offset..], isFinalBlock: true, _state);
        if (_offset == 0 && (!reader.Read() || reader.TokenType != JsonTokenType.StartArray))
        {
            throw new JsonException("the message is not an array of items.");
        }

        if (!reader.Read())
        {
            throw new JsonException("the message ends within its array.");
        }

        if (reader.TokenType == JsonTokenType.EndArray)
        {
            return reader.Read() ? throw new JsonException("the message goes on after its array.") : false;
        }

        ThrowIfExcessive(in reader, body);
        Current = JsonSerializer.Deserialize(ref reader, items.Type);
        _offset += (int)reader.BytesConsumed;
        _state = reader.CurrentState;
        return true;
    }

    /// <summary>Dictionaries and sets of an item are limited as those of a reply.</summary>
    private void ThrowIfExcessive(in Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        if (!KeyedScan.CanExceed(body.Length, items.Json.MaxKeyedElements))
        {
            return;
        }

        Utf8JsonReader end = reader;
        end.Skip();
        int start = _offset + (int)reader.TokenStartIndex;
        items.Json.ThrowIfExcessive(typeof(TItem), body[start..(_offset + (int)end.BytesConsumed)]);
    }
}
