using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>A named JSON value: a parameter of a method, or a member of a fault. Immutable, thread-safe.</summary>
public abstract class RpcProperty
{
    private readonly RpcPropertyKind _kind;

    private protected RpcProperty(string name, bool isRequired, RpcPropertyKind kind = RpcPropertyKind.Value)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        IsRequired = isRequired;
        _kind = kind;
    }

    /// <summary>The name on the wire.</summary>
    public string Name { get; }

    /// <summary>Whether the value is a stream (<see cref="IAsyncEnumerable{T}"/> or <see cref="Stream"/>): its items or bytes follow the request, in messages of their own.</summary>
    public bool IsStream => _kind == RpcPropertyKind.Stream;

    /// <summary>Whether the value takes progress (<see cref="IProgress{T}"/>): the server sends what the service reports before the result, in messages of their own.</summary>
    public bool IsProgress => _kind == RpcPropertyKind.Progress;

    /// <summary>Whether the value is a member of the request's body.</summary>
    internal bool IsInBody => _kind == RpcPropertyKind.Value;

    /// <summary>How values are written and read; of a stream, its items; of progress, what is reported.</summary>
    public abstract JsonTypeInfo TypeInfo { get; }

    /// <summary>Why JSON does not support the type, which then has no metadata; null if it does.</summary>
    internal abstract InvalidOperationException? Problem { get; }

    /// <summary>The items and limits of a stream or of progress; null for other values.</summary>
    internal virtual RpcItems? StreamItems => null;

    /// <summary>Whether a request must contain the value. False for a parameter with a default value, for a stream, and for progress.</summary>
    public bool IsRequired { get; }

    /// <summary>Gets the default value as JSON; null for a required value, and for a default that JSON cannot express.</summary>
    internal abstract JsonNode? GetDefault();

    /// <summary>Whether null breaks the contract, although the value's type allows it in JSON.</summary>
    public bool RefusesNull { get; init; }
}

/// <summary>How the value of a parameter is transmitted.</summary>
internal enum RpcPropertyKind
{
    /// <summary>In the request's body.</summary>
    Value,

    /// <summary>After the request, to the server.</summary>
    Stream,

    /// <summary>Before the result, to the client.</summary>
    Progress,
}
