namespace RpcGen.Generated;

/// <summary>One parameter's value while a request is read.</summary>
/// <typeparam name="T">The parameter's type.</typeparam>
public struct RpcArgument<T>
{
    private T? _value;
    private bool _isPresent;

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

    /// <summary>Notes that the value is there; a second value for a parameter breaks the protocol.</summary>
    internal void Begin(string name)
    {
        if (_isPresent)
        {
            throw new RpcProtocolException($"The request has the argument '{name}' twice.");
        }

        _isPresent = true;
    }

    internal void Set(T? value) => _value = value;
}
