using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>
/// Finds out why a value could not be read, and where. The serializer does not tell for exceptions of constructors and setters, and its
/// other messages name CLR types. Reads the parts of the value again, one by one, so it is called only after a failure. The effort is
/// limited: at most <see cref="MaxDepth"/> times the value.
/// </summary>
internal sealed class UnreadableValue
{
    /// <summary>How deep the cause is searched for.</summary>
    private const int MaxDepth = 12;

    /// <summary>The message if nothing better is known.</summary>
    public const string WrongForm = "The JSON value has the wrong form.";

    private readonly JsonSerializerOptions _options;
    private ValidationPath _path;
    private bool _isTextForNumber;

    private UnreadableValue(JsonSerializerOptions options) => _options = options;

    /// <summary>The path of the part that cannot be read, and the reason.</summary>
    /// <param name="name">The argument's name, with which the path begins.</param>
    /// <param name="value">The value.</param>
    /// <param name="type">The type that it was read as.</param>
    /// <param name="cause">The failure.</param>
    public static (string Path, string Message) Explain(string name, JsonElement value, JsonTypeInfo type, Exception cause)
    {
        var search = new UnreadableValue(type.Options);
        search._path.TryPush(new ValidationPath.Step(name));
        return search.Explain(value, type, cause);
    }

    /// <summary>The path of a text in a place for a number, if that is why the value could not be read; otherwise null.</summary>
    public static string? FindTextForNumber(ReadOnlySpan<byte> body, JsonTypeInfo type, Exception cause)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            var search = new UnreadableValue(type.Options);
            search._path.TryPush(new ValidationPath.Step("result"));
            (string path, _) = search.Explain(document.RootElement, type, cause);
            return search._isTextForNumber ? path : null;
        }
        catch (JsonException)
        {
            return null; // not JSON at all
        }
    }

    private (string Path, string Message) Explain(JsonElement value, JsonTypeInfo type, Exception cause)
    {
        type = Underlying(type);
        if (value.ValueKind == JsonValueKind.Null)
        {
            return (_path.ToString(), "The value must not be null.");
        }

        if (_path.Depth > MaxDepth || !IsKnown(type.Converter))
        {
            return (_path.ToString(), Refusal(cause) ?? WrongForm);
        }

        if (!JsonKinds.Agree(type, value))
        {
            _isTextForNumber = value.ValueKind == JsonValueKind.String && JsonKinds.IsNumber(type.Type);
            string expected = JsonKinds.Expected(type), found = JsonKinds.Found(value);
            return (_path.ToString(), expected.StartsWith(found, StringComparison.Ordinal) ? $"Expected {expected}." : $"Expected {expected}, but found {found}.");
        }

        return type.Kind switch
        {
            JsonTypeInfoKind.Object => ExplainObject(value, Subtype(value, type), cause),
            JsonTypeInfoKind.Dictionary => ExplainEntries(value, type, cause),
            _ => ExplainElements(value, type, cause),
        };
    }

    private (string Path, string Message) ExplainObject(JsonElement value, JsonTypeInfo type, Exception cause)
    {
        var present = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (!present.Add(property.Name))
            {
                return (_path.ToString(new ValidationPath.Step(TextLimit.Shorten(property.Name, Violations.MaxTextLength))), "The member occurs twice.");
            }

            if (JsonObjectMembers.Find(type, property.Name) is { CustomConverter: null } member && JsonObjectMembers.IsRead(member))
            {
                if (property.Value.ValueKind == JsonValueKind.Null ? JsonObjectMembers.RefusesNull(member) : !TryRead(property.Value, member.PropertyType, out _))
                {
                    return Descend(new ValidationPath.Step(member.Name), property.Value, member.PropertyType);
                }
            }
        }

        bool isRefused = cause is ArgumentException;
        if (type.Properties.FirstOrDefault(member => !present.Contains(member.Name) && (member.IsRequired || (!isRefused && JsonObjectMembers.IsExpected(member)))) is { } missing)
        {
            return (_path.ToString(new ValidationPath.Step(missing.Name)), "The member is required.");
        }

        string? refusal = Refusal(cause);
        if (refusal is not null && JsonObjectMembers.FindCulprit(type, value, (ArgumentException)cause) is { } culprit)
        {
            return (_path.ToString(new ValidationPath.Step(culprit.Name)), refusal);
        }

        string rest = cause is JsonException { Path: ['$', .. string inner] } ? inner : ""; // a member with a converter of its own
        return (_path + rest, refusal ?? WrongForm);
    }

    private (string Path, string Message) ExplainElements(JsonElement value, JsonTypeInfo type, Exception cause)
    {
        int i = 0;
        foreach (JsonElement element in value.EnumerateArray())
        {
            if (type.ElementType is { } elementType && !TryRead(element, elementType, out _))
            {
                return Descend(new ValidationPath.Step(Index: i), element, elementType);
            }

            i++;
        }

        return (_path.ToString(), Refusal(cause) ?? WrongForm);
    }

    private (string Path, string Message) ExplainEntries(JsonElement value, JsonTypeInfo type, Exception cause)
    {
        foreach (JsonProperty entry in value.EnumerateObject())
        {
            if (type.ElementType is { } elementType && !TryRead(entry.Value, elementType, out _))
            {
                return Descend(new ValidationPath.Step(Key: entry.Name), entry.Value, elementType);
            }
        }

        return (_path.ToString(), Refusal(cause) ?? "A key of the object has the wrong form, or occurs twice.");
    }

    private (string Path, string Message) Descend(ValidationPath.Step step, JsonElement value, Type type)
    {
        _path.TryPush(step);
        JsonTypeInfo info = _options.GetTypeInfo(type);
        return TryRead(value, type, out Exception? cause)
            ? Explain(value, info, new JsonException())
            : Explain(value, info, cause!);
    }

    private bool TryRead(JsonElement value, Type type, out Exception? cause)
    {
        try
        {
            value.Deserialize(_options.GetTypeInfo(type));
            cause = null;
            return true;
        }
#pragma warning disable CA1031 // As in the first attempt: converters and constructors are the user's.
        catch (Exception e)
#pragma warning restore CA1031
        {
            cause = e;
            return false;
        }
    }

    /// <summary>Whether the converter is the serializer's or RpcGen's, rather than the application's.</summary>
    private static bool IsKnown(JsonConverter converter) =>
        converter.GetType().Assembly is var assembly && (assembly == typeof(JsonSerializer).Assembly || assembly == typeof(UnreadableValue).Assembly);

    private JsonTypeInfo Underlying(JsonTypeInfo type) =>
        Nullable.GetUnderlyingType(type.Type) is { } underlying ? _options.GetTypeInfo(underlying) : type;

    /// <summary>The type that the discriminator names; the type itself if it is missing or unknown.</summary>
    private JsonTypeInfo Subtype(JsonElement value, JsonTypeInfo type)
    {
        if (type.PolymorphismOptions is not { } subtypes || !value.TryGetProperty(subtypes.TypeDiscriminatorPropertyName, out JsonElement discriminator))
        {
            return type;
        }

        object? named = discriminator.ValueKind == JsonValueKind.String ? discriminator.GetString() : discriminator.TryGetInt32(out int number) ? number : null;
        Type? found = subtypes.DerivedTypes.FirstOrDefault(subtype => Equals(subtype.TypeDiscriminator, named)).DerivedType;
        return found is null ? type : _options.GetTypeInfo(found);
    }

    /// <summary>What a constructor or setter says about its argument; null for other failures.</summary>
    private static string? Refusal(Exception cause)
    {
        if (cause is not ArgumentException refused)
        {
            return null;
        }

        string message = refused.Message;
        string suffix = $" (Parameter '{refused.ParamName}')";
        int end = message.IndexOf(suffix, StringComparison.Ordinal);
        return end >= 0 ? message[..end] : message;
    }
}
