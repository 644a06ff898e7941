using System.ComponentModel;

namespace RpcGen.Generated;

/// <summary>The value of one parameter while a request is read.</summary>
/// <typeparam name="T">The parameter's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public struct RpcArgument<T>
{
    private T? _value;
    private bool _isPresent;

    /// <summary>Gets the value. If the request had none, it is the parameter's default; if there is no default, a violation is added.</summary>
    public readonly T Take(RpcProperty<T> parameter, ref RpcArgumentReader reader)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        if (_isPresent)
        {
            return _value!;
        }

        if (!parameter.IsInBody)
        {
            return parameter.Receive(reader.Streams);
        }

        if (parameter.IsRequired)
        {
            reader.Validation.Add(parameter.Name, "The argument is required.");
        }

        return parameter.DefaultValue;
    }

    /// <summary>Marks the value as present.</summary>
    /// <exception cref="RpcProtocolException">The request has a second value for the parameter.</exception>
    internal void Begin(string name)
    {
        if (_isPresent)
        {
            throw new RpcProtocolException($"The request contains the argument '{name}' twice.");
        }

        _isPresent = true;
    }

    internal void Set(T? value) => _value = value;
}
