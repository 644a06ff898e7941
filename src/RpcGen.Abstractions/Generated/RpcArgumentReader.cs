using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>
/// Reads the body of a request: a JSON object with one member for each parameter. Unknown members are skipped, and values of the
/// wrong type or form are added as violations. Any other body breaks the protocol.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct RpcArgumentReader
{
    private readonly ReadingDeadline? _deadline;
    private readonly int _length;
    private Utf8JsonReader _json;

    /// <param name="body">The request's body.</param>
    /// <param name="maxDepth">How deep it can be nested.</param>
    /// <param name="validation">Collects violations.</param>
    /// <param name="deadline">Ends the reading, which then throws <see cref="ReadingDeadlineException"/>; null for a body that is read quickly.</param>
    /// <param name="streams">Gives parameters that are streams their values; null for a method without them.</param>
    internal RpcArgumentReader(ReadOnlySpan<byte> body, int maxDepth, RpcValidation validation, ReadingDeadline? deadline = null, RpcStreamReceivers? streams = null)
    {
        Streams = streams;
        _deadline = deadline;
        _length = body.Length;
        _json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = maxDepth });
        Validation = validation;
    }

    /// <summary>Collects violations.</summary>
    public RpcValidation Validation { get; }

    /// <summary>Gives parameters that are streams their values; null for a method without them.</summary>
    internal RpcStreamReceivers? Streams { get; }

    /// <summary>Moves to the next member.</summary>
    /// <returns>False after the last member.</returns>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    /// <exception cref="RpcProtocolException">The body is not a JSON object.</exception>
    public bool NextParameter()
    {
        if (_json.TokenType == JsonTokenType.None)
        {
            _json.Read();
            if (_json.TokenType != JsonTokenType.StartObject)
            {
                throw new RpcProtocolException("The body of the request is not a JSON object with one member for each parameter.");
            }
        }

        _json.Read();
        return _json.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Reads the member if it belongs to the parameter. Names are compared ordinally, unless the contract ignores their case.</summary>
    /// <returns>False if the member has another name; nothing is read then.</returns>
    /// <exception cref="RpcProtocolException">The parameter already has a value.</exception>
    public bool Read<T>(RpcProperty<T> parameter, ref RpcArgument<T> argument)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        if (!parameter.IsInBody || !IsNamed(parameter))
        {
            return false;
        }

        ReadBare(parameter, ref argument);
        return true;
    }

    /// <summary>Reads a body that is a bare value.</summary>
    public void ReadBare<T>(RpcProperty<T> parameter, ref RpcArgument<T> argument)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        argument.Begin(parameter.Name);
        argument.Set(ReadValue(parameter));
    }

    /// <summary>Skips a member that belongs to no parameter.</summary>
    /// <returns>True.</returns>
    public bool Skip()
    {
        _json.Skip();
        return true;
    }

    /// <summary>Reads to the end of the body, so that anything after the JSON value is an error.</summary>
    /// <exception cref="JsonException">The body contains more than one JSON value.</exception>
    internal void ReadToEnd()
    {
        while (_json.Read())
        {
        }
    }

    private readonly bool IsNamed<T>(RpcProperty<T> parameter) =>
        _json.ValueTextEquals(parameter.Utf8Name) ||
        (parameter.Json.IgnoresArgumentCase && string.Equals(_json.GetString(), parameter.Name, StringComparison.OrdinalIgnoreCase));

    private T? ReadValue<T>(RpcProperty<T> parameter)
    {
        _json.Read();
        Utf8JsonReader start = _json;
        try
        {
            if (parameter.Json.FindExcess(typeof(T), start, _length, parameter.Name) is { } path)
            {
                _json.Skip();
                Validation.Add(path, $"The dictionaries and sets have more elements than the server accepts (RpcServerOptions.MaxKeyedElements = {parameter.Json.MaxKeyedElements}).");
                return default;
            }

            return _deadline is null ? JsonSerializer.Deserialize(ref _json, parameter.Type) : ReadWatched(parameter, _deadline);
        }
#pragma warning disable CA1031 // Converters and constructors are the user's: any exception of theirs means that the value does not fit.
        catch (Exception e) when (e is not ReadingDeadlineException)
#pragma warning restore CA1031
        {
            _json = start;
            _json.Skip(); // throws if the value is not JSON at all: the message is then malformed, not invalid
            AddViolation(parameter, start, (int)(_json.BytesConsumed - start.TokenStartIndex), e);
            return default;
        }
    }

    private T? ReadWatched<T>(RpcProperty<T> parameter, ReadingDeadline deadline)
    {
        deadline.ThrowIfPassed();
        Utf8JsonReader value = _json;
        value.Skip(); // checks form and depth
        int length = (int)(value.BytesConsumed - _json.TokenStartIndex);
        if (length < ReadingDeadline.LargeBytes)
        {
            return JsonSerializer.Deserialize(ref _json, parameter.Type);
        }

        using Stream pieces = deadline.Open((int)_json.TokenStartIndex, length);
        T? result = JsonSerializer.Deserialize(pieces, parameter.Type);
        _json = value;
        return result;
    }

    /// <summary>Says which part of a value cannot be read, and why. Of a large value, only what the serializer says about the place.</summary>
    private readonly void AddViolation<T>(RpcProperty<T> parameter, Utf8JsonReader value, int length, Exception cause)
    {
        if (length >= ReadingDeadline.LargeBytes)
        {
            Validation.Add(ValuePath(parameter.Name, (cause as JsonException)?.Path), UnreadableValue.WrongForm);
            return;
        }

        using JsonDocument document = JsonDocument.ParseValue(ref value);
        (string path, string message) = UnreadableValue.Explain(parameter.Name, document.RootElement, parameter.Type, cause);
        Validation.Add(path, message);
    }

    /// <summary>Combines <c>order</c> and <c>$.lines[2].quantity</c> to <c>order.lines[2].quantity</c>.</summary>
    private static string ValuePath(string name, string? path) =>
        path is ['$', .. string rest] ? name + rest : name;
}
