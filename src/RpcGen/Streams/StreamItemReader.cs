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
internal sealed class StreamItemReader<TItem>(RpcItems<TItem> items)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonLimits.MaxDepth };

    private ReceivedMessage _message;
    private JsonReaderState _state;
    private int _offset;

    /// <summary>The item that was read last.</summary>
    public TItem? Current { get; private set; }

    /// <summary>Whether a message is being read.</summary>
    public bool IsInMessage => _message.Body is not null;

    /// <summary>Starts with a message.</summary>
    public void Begin(ReceivedMessage message)
    {
        _message = message;
        _state = new JsonReaderState(Options);
        _offset = 0;
    }

    /// <summary>Reads the next item. False at the end of the message.</summary>
    /// <exception cref="JsonException">The message is not an array of such items.</exception>
    public bool TryRead()
    {
        ReadOnlySpan<byte> body = _message.Body!.Written.Span;
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

    /// <summary>Ends the message. Returns what it counted.</summary>
    public long EndMessage()
    {
        long cost = _message.Cost;
        Release();
        return cost;
    }

    /// <summary>Gives up the message, if there is one, and the item.</summary>
    public void Release()
    {
        _message.Body?.Release();
        _message = default;
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
