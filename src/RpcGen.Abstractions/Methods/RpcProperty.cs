using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>A named JSON value: a parameter of a method, or a member of a fault. Immutable, thread-safe.</summary>
public abstract class RpcProperty
{
    private protected RpcProperty(string name, bool isRequired, bool isStream = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        IsRequired = isRequired;
        IsStream = isStream;
    }

    /// <summary>The name on the wire.</summary>
    public string Name { get; }

    /// <summary>Whether the value is a stream (<see cref="IAsyncEnumerable{T}"/>): its items follow the request, in messages of their own.</summary>
    public bool IsStream { get; }

    /// <summary>How values are written and read; of a stream, its items.</summary>
    public abstract JsonTypeInfo TypeInfo { get; }

    /// <summary>Why JSON does not support the type, which then has no metadata; null if it does.</summary>
    internal abstract InvalidOperationException? Problem { get; }

    /// <summary>The items and limits of a stream; null for other values.</summary>
    internal virtual RpcItems? StreamItems => null;

    /// <summary>Whether a request must contain the value. False for a parameter with a default value, and for a stream.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether null breaks the contract, although the value's type allows it in JSON.</summary>
    public bool RefusesNull { get; init; }
}
