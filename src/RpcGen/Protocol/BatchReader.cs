using System.Text;
using System.Text.Json;
using RpcGen.Transport;

namespace RpcGen.Protocol;

/// <summary>
/// Reads the body of a <c>$batch</c> message: entries of two lines each. The first line, the head, is a JSON array that begins
/// with the id of the call and the length of the second line, which is the call's body. So bodies are found without being
/// read. Unknown elements at the end of a head can be skipped. Every method throws <see cref="JsonException"/> if the message
/// does not have this form, or has too many entries.
/// </summary>
internal ref struct BatchReader(ReadOnlySpan<byte> message)
{
    /// <summary>The longest form of a name in JSON: a byte can be written as six.</summary>
    private const int MaxEscapedNameBytes = 6 * JsonLimits.MaxNameBytes;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _next;
    private int _entries;
    private ReadOnlySpan<byte> _lastName;
    private string? _lastKnown;
    private List<(Range Bytes, string Text)>? _headerTexts;
    private int _headAt;
    private Utf8JsonReader _head;

    /// <summary>The id of the entry's call.</summary>
    public CorrelationId Id { get; private set; }

    /// <summary>The position of the entry's body in the message.</summary>
    public Range Body { get; private set; }

    /// <summary>Moves to the next entry, and in its head to the first element after the length. Returns false after the last entry.</summary>
    public bool NextEntry()
    {
        if (_next == _message.Length)
        {
            return false;
        }

        if (++_entries > JsonLimits.MaxBatchEntries)
        {
            throw new JsonException($"The batch has more than {JsonLimits.MaxBatchEntries} entries.");
        }

        ReadOnlySpan<byte> rest = _message[_next..];
        int end = rest[..Math.Min(rest.Length, JsonLimits.MaxBatchHeadBytes)].IndexOf(BatchWriter.LineEnd);
        if (end < 0)
        {
            throw new JsonException($"The batch has a head without an end, or one of more than {JsonLimits.MaxBatchHeadBytes} bytes.");
        }

        _headAt = _next;
        _head = new Utf8JsonReader(rest[..end], new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth });
        Read();
        Expect(JsonTokenType.StartArray);
        Read();
        Id = ReadId();
        Body = FindBody(_next + end + 1, ReadNumber());
        return true;
    }

    /// <summary>Whether the head has another element.</summary>
    public readonly bool HasElement => _head.TokenType != JsonTokenType.EndArray;

    /// <summary>Reads a text; null for <c>null</c>. Returns the existing string for a name in <paramref name="known"/>.</summary>
    public string? ReadText(KnownNames? known = null)
    {
        string? text = null;
        if (_head.TokenType != JsonTokenType.Null)
        {
            Expect(JsonTokenType.String);
            text = known is null ? DecodeText(known: null) : DecodeName(known);
        }

        Read();
        return text;
    }

    /// <summary>Reads a non-negative integer.</summary>
    public long ReadNumber()
    {
        Expect(JsonTokenType.Number);
        if (!_head.TryGetInt64(out long number) || number < 0)
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
        if (_head.TokenType != JsonTokenType.StartObject)
        {
            SkipElement();
            return null;
        }

        var headers = new Dictionary<string, object?>(StringComparer.Ordinal);
        long start = _head.TokenStartIndex;
        for (int text = 0; ReadMember(); text += 2)
        {
            string name = DecodeHeaderText(text);
            Read();
            _head.Skip();
            if (headers.Count >= JsonLimits.MaxBatchHeaders || _head.BytesConsumed - start > JsonLimits.MaxBatchHeaderBytes)
            {
                throw new JsonException($"A call of the batch has more than {JsonLimits.MaxBatchHeaders} headers, or {JsonLimits.MaxBatchHeaderBytes} bytes of them.");
            }

            if (_head.TokenType == JsonTokenType.String)
            {
                headers[name] = DecodeHeaderText(text + 1);
            }
        }

        Read();
        return headers;
    }

    /// <summary>Skips the rest of the head, which must be the end of its line.</summary>
    public void EndEntry()
    {
        while (HasElement)
        {
            SkipElement();
        }

        if (_head.Read())
        {
            throw Malformed();
        }
    }

    private CorrelationId ReadId()
    {
        Expect(JsonTokenType.String);
        CorrelationId id = !_head.ValueIsEscaped && CorrelationId.TryParseNumber(_head.ValueSpan, out ulong number)
            ? new CorrelationId(number)
            : new CorrelationId(DecodeText(known: null));
        Read();
        return id;
    }

    private Range FindBody(int start, long length)
    {
        if (length >= _message.Length - start || _message[start + (int)length] != BatchWriter.LineEnd)
        {
            throw new JsonException("The batch has a body that does not have the length that its head says.");
        }

        _next = start + (int)length + 1;
        return start..(_next - 1);
    }

    private void SkipElement()
    {
        _head.Skip();
        Read();
    }

    /// <summary>Decodes a name. Calls of a batch are often of one method.</summary>
    private string DecodeName(KnownNames known)
    {
        if (_lastKnown is null || !_head.ValueSpan.SequenceEqual(_lastName))
        {
            _lastKnown = DecodeText(known);
            _lastName = _head.ValueSpan;
        }

        return _lastKnown;
    }

    private bool ReadMember()
    {
        Read();
        return _head.TokenType != JsonTokenType.EndObject;
    }

    /// <summary>
    /// Decodes the name or value of a header. Calls of a batch often have the same ones: those at the same place in an earlier
    /// entry are used again. Names have even numbers, values odd ones.
    /// </summary>
    private string DecodeHeaderText(int number)
    {
        _headerTexts ??= [];
        if (number < _headerTexts.Count && _message[_headerTexts[number].Bytes].SequenceEqual(_head.ValueSpan))
        {
            return _headerTexts[number].Text;
        }

        string text = number % 2 == 0 ? DecodeText(known: null) : DecodeValue();
        if (number >= 2 * JsonLimits.MaxBatchHeaders)
        {
            return text; // behind values that are no text, which do not count
        }

        int start = _headAt + (int)_head.TokenStartIndex + 1; // after the quotation mark
        while (_headerTexts.Count <= number)
        {
            _headerTexts.Add((start..start, "")); // also in the place of a value that is no text
        }

        _headerTexts[number] = (start..(start + _head.ValueSpan.Length), text);
        return text;
    }

    private readonly string DecodeText(KnownNames? known)
    {
        try
        {
            if (_head.ValueSpan.Length > JsonLimits.MaxNameBytes)
            {
                return DecodeLongText();
            }

            Span<char> text = stackalloc char[JsonLimits.MaxNameBytes];
            text = text[.._head.CopyString(text)];
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
            return _head.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("The batch has text that is not valid Unicode.", e);
        }
    }

    /// <summary>Decodes a text that is long, or short and escaped.</summary>
    private readonly string DecodeLongText() =>
        _head.ValueSpan.Length <= MaxEscapedNameBytes && _head.GetString() is { } text && Encoding.UTF8.GetByteCount(text) <= JsonLimits.MaxNameBytes
            ? text
            : throw new JsonException($"The batch has an id or a name of more than {JsonLimits.MaxNameBytes} bytes.");

    private static JsonException Malformed() => new("The batch has a head that is not an array of the elements that it must have.");

    private void Read()
    {
        if (!_head.Read())
        {
            throw Malformed();
        }
    }

    private readonly void Expect(JsonTokenType token)
    {
        if (_head.TokenType != token)
        {
            throw Malformed();
        }
    }
}
