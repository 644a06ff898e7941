using System.Text;
using System.Text.Json;

namespace RpcGen.Generated;

/// <summary>
/// Counts the elements of the keyed collections in a JSON value before it is read. The time to read a collection whose keys
/// collide grows with the square of its size. The sum of the squares is therefore limited, to the square of the limit for one
/// collection. Many small collections use almost nothing of it.
/// </summary>
internal ref struct KeyedScan
{
    private readonly long _maxCost;
    private readonly List<ValidationPath.Step> _path = [];
    private Utf8JsonReader _json;
    private long _cost;

    private KeyedScan(Utf8JsonReader json, int maxElements)
    {
        _json = json;
        _maxCost = (long)maxElements * maxElements;
    }

    /// <summary>Whether a value can exceed the limit at all: each element takes two bytes at least.</summary>
    public static bool CanExceed(int bytes, int maxElements) => bytes > 2L * maxElements;

    /// <summary>Finds the collection that makes the value exceed the limit; null if the value does not exceed it.</summary>
    /// <param name="json">A reader that stands at the value.</param>
    /// <param name="shape">The value's shape.</param>
    /// <param name="maxElements">The limit for one collection.</param>
    /// <param name="name">The value's name, with which the path begins.</param>
    /// <exception cref="JsonException">The value is not JSON.</exception>
    public static string? Find(Utf8JsonReader json, KeyedShape shape, int maxElements, string name)
    {
        var scan = new KeyedScan(json, maxElements);
        return scan.Fits(shape) ? null : scan.FormatPath(name);
    }

    /// <summary>Reads a value. False if the limit is exceeded: the steps to the collection are then in the path, the last one first.</summary>
    private bool Fits(KeyedShape? shape)
    {
        if (shape is { Discriminator: not null } && _json.TokenType == JsonTokenType.StartObject)
        {
            shape = FindSubtype(shape);
        }

        switch (_json.TokenType)
        {
            case JsonTokenType.StartObject when shape is { Form: KeyedForm.Object }:
                return MembersFit(shape);
            case JsonTokenType.StartObject when shape is { Form: KeyedForm.Dictionary }:
                return EntriesFit(shape);
            case JsonTokenType.StartObject when shape is { Form: KeyedForm.Array }:
                return WrappedElementsFit(shape);
            case JsonTokenType.StartArray when shape is { Form: KeyedForm.Array }:
                return ElementsFit(shape);
            default:
                _json.Skip();
                return true;
        }
    }

    /// <summary>The shape of the object's own type. The reader of JSON takes the discriminator from any place, so this looks ahead.</summary>
    private readonly KeyedShape FindSubtype(KeyedShape shape)
    {
        Utf8JsonReader ahead = _json;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            bool isDiscriminator = ahead.ValueTextEquals(shape.Discriminator);
            ahead.Read();
            if (isDiscriminator)
            {
                object? discriminator = ahead.TokenType switch
                {
                    JsonTokenType.String => ahead.GetString(),
                    JsonTokenType.Number when ahead.TryGetInt32(out int number) => number,
                    _ => null,
                };
                return discriminator is not null && shape.Subtypes.TryGetValue(discriminator, out KeyedShape? subtype) ? subtype : shape;
            }

            ahead.Skip();
        }

        return shape;
    }

    private bool MembersFit(KeyedShape shape)
    {
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            KeyedShape? member = FindMember(shape, out string? name);
            _json.Read();
            if (!Fits(member))
            {
                _path.Add(new ValidationPath.Step(Name: name));
                return false;
            }
        }

        return true;
    }

    private bool WrappedElementsFit(KeyedShape shape)
    {
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            bool isWrapped = _json.ValueTextEquals("$values"u8);
            _json.Read();
            if (isWrapped && _json.TokenType == JsonTokenType.StartArray)
            {
                if (!ElementsFit(shape))
                {
                    return false;
                }
            }
            else
            {
                _json.Skip();
            }
        }

        return true;
    }

    private readonly KeyedShape? FindMember(KeyedShape shape, out string? name)
    {
        const int maxLength = 256;
        Span<char> buffer = stackalloc char[maxLength];
        ReadOnlySpan<char> text = _json.ValueSpan.Length <= maxLength ? buffer[.._json.CopyString(buffer)] : _json.GetString();
        KeyedShape? member = shape.Member(text);
        name = member is null ? null : text.ToString();
        return member;
    }

    private bool EntriesFit(KeyedShape shape)
    {
        long count = 0;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (!CountFits(shape, ++count))
            {
                return false;
            }

            ReadOnlySpan<byte> key = _json.ValueSpan;
            _json.Read();
            if (!Fits(shape.Element))
            {
                _path.Add(new ValidationPath.Step(Key: Encoding.UTF8.GetString(key)));
                return false;
            }
        }

        return Add(shape, count);
    }

    private bool ElementsFit(KeyedShape shape)
    {
        int count = 0;
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (!CountFits(shape, ++count))
            {
                return false;
            }

            if (!Fits(shape.Element))
            {
                _path.Add(new ValidationPath.Step(Index: count - 1));
                return false;
            }
        }

        return Add(shape, count);
    }

    private readonly bool CountFits(KeyedShape shape, long count) => !shape.IsKeyed || _cost + (count * count) <= _maxCost;

    private bool Add(KeyedShape shape, long count)
    {
        _cost += shape.IsKeyed ? count * count : 0;
        return _cost <= _maxCost; // collections inside the elements have been added meanwhile
    }

    private readonly string FormatPath(string name)
    {
        var path = default(ValidationPath);
        path.TryPush(new ValidationPath.Step(Name: name));
        for (int i = _path.Count - 1; i >= 0; i--)
        {
            path.TryPush(_path[i]);
        }

        return path.ToString();
    }
}
