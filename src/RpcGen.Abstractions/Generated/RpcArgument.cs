using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>One parameter's value while a request is read.</summary>
/// <typeparam name="T">The parameter's type.</typeparam>
public struct RpcArgument<T>
{
    private T? _value;
    private bool _isPresent;

    /// <summary>Reads the value that <paramref name="reader"/> stands at; a second value for a parameter breaks the protocol.</summary>
    public void Read(ref RpcArgumentReader reader, string name, JsonTypeInfo<T> type)
    {
        if (_isPresent)
        {
            throw new RpcProtocolException($"The request has the argument '{name}' twice.");
        }

        _isPresent = true;
        _value = reader.ReadValue(name, type);
    }

    /// <summary>The value; where the request had none, a violation is noted.</summary>
    public readonly T Required(ref RpcArgumentReader reader, string name)
    {
        if (!_isPresent)
        {
            reader.Validation.Add(name, "The argument is required.");
        }

        return _value!;
    }

    /// <summary>The value, or the parameter's default where the request had none.</summary>
    public readonly T Or(T defaultValue) => _isPresent ? _value! : defaultValue;
}
