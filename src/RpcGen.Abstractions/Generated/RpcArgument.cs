using System.ComponentModel;

namespace RpcGen.Generated;

/// <summary>One parameter's value while a request is read.</summary>
/// <typeparam name="T">The parameter's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct RpcArgument<T>
{
    private T? _value;
    private bool _isPresent;

    /// <summary>The value; where the request had none, the parameter's default, or else a violation is noted.</summary>
    public readonly T Take(RpcProperty<T> parameter, ref RpcArgumentReader reader)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        if (_isPresent)
        {
            return _value!;
        }

        if (parameter.IsRequired)
        {
            reader.Validation.Add(parameter.Name, "The argument is required.");
        }

        return parameter.DefaultValue;
    }

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
