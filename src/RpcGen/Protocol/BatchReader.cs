using System.Text;
using System.Text.Json;
using RpcGen.Transport;

namespace RpcGen.Protocol;

/// <summary>
/// Reads the body of a <c>$batch</c> message: an array of entries, each of which is an array. Unknown elements at the end of
/// an entry can be skipped. Every method throws <see cref="JsonException"/> if the body does not have this form, or has too
/// many entries.
/// </summary>
internal ref struct BatchReader(ReadOnlySpan<byte> body)
{
    /// <summary>The array of entries and the entry: they do not count for the depth of a value.</summary>
    private const int EnclosingDepth = 2;

    /// <summary>The longest form of a name in JSON: a byte can be written as six.</summary>
    private const int MaxEscapedNameBytes = 6 * JsonLimits.MaxNameBytes;

    private int _entries;
    private Utf8JsonReader _json = new(body, new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth + EnclosingDepth });

    /// <summary>Moves to the first element of the next entry. Returns false after the last entry.</summary>
    public bool NextEntry()
    {
        if (_json.TokenType == JsonTokenType.None)
        {
            Read();
            Expect(JsonTokenType.StartArray);
        }

        Read();
        if (_json.TokenType == JsonTokenType.EndArray)
        {
            if (_json.Read())
            {
                throw Malformed();
            }

            return false;
        }

        if (++_entries > JsonLimits.MaxBatchEntries)
        {
            throw new JsonException($"The batch has more than {JsonLimits.MaxBatchEntries} entries.");
        }

        Expect(JsonTokenType.StartArray);
        Read();
        return true;
    }

    /// <summary>Whether the entry has another element.</summary>
    public readonly bool HasElement => _json.TokenType != JsonTokenType.EndArray;

    /// <summary>Reads the id of the call.</summary>
    public CorrelationId ReadId()
    {
        Expect(JsonTokenType.String);
        CorrelationId id = !_json.ValueIsEscaped && CorrelationId.TryParseNumber(_json.ValueSpan, out ulong number)
            ? new CorrelationId(number)
            : new CorrelationId(DecodeText(known: null));
        Read();
        return id;
    }

    /// <summary>Reads a text; null for <c>null</c>. Returns the existing string for a name in <paramref name="known"/>.</summary>
    public string? ReadText(KnownNames? known = null)
    {
        string? text = null;
        if (_json.TokenType != JsonTokenType.Null)
        {
            Expect(JsonTokenType.String);
            text = DecodeText(known);
        }

        Read();
        return text;
    }

    /// <summary>Reads a non-negative integer.</summary>
    public long ReadNumber()
    {
        Expect(JsonTokenType.Number);
        if (!_json.TryGetInt64(out long number) || number < 0)
        {
            throw Malformed();
        }

        Read();
        return number;
    }

    /// <summary>
    /// Reads an object's texts by name; null if the value is no object. Members that are not text are skipped.
    /// </summary>
    public Dictionary<string, object?>? ReadHeaders()
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            ReadValue();
            return null;
        }

        var headers = new Dictionary<string, object?>(StringComparer.Ordinal);
        long start = _json.TokenStartIndex;
        for (Read(); _json.TokenType != JsonTokenType.EndObject; Read())
        {
            string name = DecodeText(known: null);
            Read();
            _json.Skip();
            if (headers.Count >= JsonLimits.MaxBatchHeaders || _json.BytesConsumed - start > JsonLimits.MaxBatchHeaderBytes)
            {
                throw new JsonException($"A call of the batch has more than {JsonLimits.MaxBatchHeaders} headers, or {JsonLimits.MaxBatchHeaderBytes} bytes of them.");
            }

            if (_json.TokenType == JsonTokenType.String)
            {
                headers[name] = DecodeValue();
            }
        }

        Read();
        return headers;
    }

    /// <summary>Skips a value of any kind.</summary>
    /// <returns>The position of the value in the body.</returns>
    public Range ReadValue()
    {
        int start = (int)_json.TokenStartIndex;
        _json.Skip();
        Range range = start..(int)_json.BytesConsumed;
        Read();
        return range;
    }

    /// <summary>Skips the rest of the entry.</summary>
    public void EndEntry()
    {
        while (HasElement)
        {
            ReadValue();
        }
    }

    private readonly string DecodeText(KnownNames? known)
    {
        try
        {
            if (_json.ValueSpan.Length > JsonLimits.MaxNameBytes)
            {
                return DecodeLongText();
            }

            Span<char> text = stackalloc char[JsonLimits.MaxNameBytes];
            text = text[.._json.CopyString(text)];
            return known is not null && known.TryGetValue(text, out string? found) ? found : text.ToString();
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("The batch has text that is not valid Unicode.", e);
        }
    }

    private readonly string DecodeValue()
    {
        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("The batch has text that is not valid Unicode.", e);
        }
    }

    /// <summary>Decodes a text that is long, or short and escaped.</summary>
    private readonly string DecodeLongText() =>
        _json.ValueSpan.Length <= MaxEscapedNameBytes && _json.GetString() is { } text && Encoding.UTF8.GetByteCount(text) <= JsonLimits.MaxNameBytes
            ? text
            : throw new JsonException($"The batch has an id or a name of more than {JsonLimits.MaxNameBytes} bytes.");

    private static JsonException Malformed() => new("The batch is not an array of calls.");

    private void Read()
    {
        if (!_json.Read())
        {
            throw Malformed();
        }
    }

    private readonly void Expect(JsonTokenType token)
    {
        if (_json.TokenType != token)
        {
            throw Malformed();
        }
    }
}
