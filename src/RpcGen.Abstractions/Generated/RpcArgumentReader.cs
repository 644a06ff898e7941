using System.ComponentModel;
using System.Text.Json;

namespace RpcGen.Generated;

/// <summary>
/// Walks a request's body, a JSON object with a member a parameter. Members that no parameter has are skipped; values of
/// the wrong type or form are noted as violations; what is no such object breaks the protocol.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public ref struct RpcArgumentReader
{
    private Utf8JsonReader _json;

    internal RpcArgumentReader(ReadOnlySpan<byte> body, int maxDepth, RpcValidation validation)
    {
        _json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = maxDepth });
        Validation = validation;
    }

    /// <summary>Where violations are noted.</summary>
    public RpcValidation Validation { get; }

    /// <summary>Goes to the next member; false after the last. Throws <see cref="JsonException"/> where the body is no JSON object.</summary>
    public bool NextParameter()
    {
        if (_json.TokenType == JsonTokenType.None)
        {
            _json.Read();
            if (_json.TokenType != JsonTokenType.StartObject)
            {
                throw new RpcProtocolException("The request's body is no JSON object with a member for each parameter.");
            }
        }

        _json.Read();
        return _json.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Reads the member if it is this parameter's, names compared ordinally; else false, and nothing is read.</summary>
    /// <exception cref="RpcProtocolException">The parameter has a value already.</exception>
    public bool Read<T>(RpcProperty<T> parameter, ref RpcArgument<T> argument)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        if (!_json.ValueTextEquals(parameter.Utf8Name))
        {
            return false;
        }

        ReadBare(parameter, ref argument);
        return true;
    }

    /// <summary>Reads a value by itself.</summary>
    public void ReadBare<T>(RpcProperty<T> parameter, ref RpcArgument<T> argument)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        argument.Begin(parameter.Name);
        argument.Set(ReadValue(parameter));
    }

    /// <summary>Passes over a member that no parameter has; always true.</summary>
    public bool Skip()
    {
        _json.Skip();
        return true;
    }

    /// <summary>Reads the rest of the body, which must hold nothing more than one JSON value.</summary>
    internal void ReadToEnd()
    {
        while (_json.Read())
        {
        }
    }

    private T? ReadValue<T>(RpcProperty<T> parameter)
    {
        _json.Read();
        Utf8JsonReader start = _json;
        try
        {
            return JsonSerializer.Deserialize(ref _json, parameter.Type);
        }
#pragma warning disable CA1031 // Converters and constructors are the user's: whatever they throw, the value does not fit.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _json = start;
            _json.Skip(); // throws where the value is not JSON at all: then it is no violation, but a broken message
            Validation.Add(ValuePath(parameter.Name, (e as JsonException)?.Path), "The JSON value has the wrong type or form, or lacks a required member.");
            return default;
        }
    }

    /// <summary>From <c>order</c> and <c>$.lines[2].quantity</c> to <c>order.lines[2].quantity</c>.</summary>
    private static string ValuePath(string name, string? path) =>
        path is ['$', .. string rest] ? name + rest : name;
}
