using System.Text;
using System.Text.Json;
using RpcGen.Transport;

namespace RpcGen.Protocol;

/// <summary>
/// Walks the body of a <c>$batch</c> message: an array of entries, each an array itself. Elements that come after those
/// known are skipped. Throws <see cref="JsonException"/> where the body is not of that form.
/// </summary>
internal ref struct BatchReader(ReadOnlySpan<byte> body)
{
    private const int EnclosingDepth = 2;
    private Utf8JsonReader _json = new(body, new JsonReaderOptions { MaxDepth = JsonLimits.MaxDepth + EnclosingDepth });

    /// <summary>Goes to the next entry's first element; false after the last entry.</summary>
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

        Expect(JsonTokenType.StartArray);
        Read();
        return true;
    }

    /// <summary>Whether the entry has another element.</summary>
    public readonly bool HasElement => _json.TokenType != JsonTokenType.EndArray;

    /// <summary>Reads the call's id.</summary>
    public CorrelationId ReadId()
    {
        Expect(JsonTokenType.String);
        CorrelationId id = !_json.ValueIsEscaped && CorrelationId.TryParseNumber(_json.ValueSpan, out ulong number)
            ? new CorrelationId(number)
            : new CorrelationId(_json.GetString());
        Read();
        return id;
    }

    /// <summary>Reads text; null for <c>null</c>. In place of a name that <paramref name="known"/> knows, it gives its object for it.</summary>
    public string? ReadText(KnownNames? known = null)
    {
        string? text = null;
        if (_json.TokenType != JsonTokenType.Null)
        {
            Expect(JsonTokenType.String);
            Span<char> name = stackalloc char[byte.MaxValue];
            text = known is not null && _json.ValueSpan.Length <= name.Length && known.TryGetValue(name[.._json.CopyString(name)], out string? found)
                ? found
                : _json.GetString();
        }

        Read();
        return text;
    }

    /// <summary>Reads a whole number that is not negative.</summary>
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

    /// <summary>Passes over a value of any kind.</summary>
    /// <returns>Where in the body it is.</returns>
    public Range ReadValue()
    {
        int start = (int)_json.TokenStartIndex;
        _json.Skip();
        Range range = start..(int)_json.BytesConsumed;
        Read();
        return range;
    }

    /// <summary>Passes over what is left of the entry.</summary>
    public void EndEntry()
    {
        while (HasElement)
        {
            ReadValue();
        }
    }

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
