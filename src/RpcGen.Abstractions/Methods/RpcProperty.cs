using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen;

/// <summary>A named JSON value: a parameter of a method, or a member of a fault. Immutable, thread-safe.</summary>
public abstract class RpcProperty
{
    private protected RpcProperty(string name, bool isRequired)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        IsRequired = isRequired;
    }

    /// <summary>The name on the wire.</summary>
    public string Name { get; }

    /// <summary>How values are written and read.</summary>
    public abstract JsonTypeInfo TypeInfo { get; }

    /// <summary>Why JSON does not support the type, which then has no metadata; null if it does.</summary>
    internal abstract InvalidOperationException? Problem { get; }

    /// <summary>Whether a request must contain the value. False for a parameter with a default value.</summary>
    public bool IsRequired { get; }

    /// <summary>Gets the default value as JSON; null for a required value, and for a default that JSON cannot express.</summary>
    internal abstract JsonNode? GetDefault();

    /// <summary>Whether null breaks the contract, although the value's type allows it in JSON.</summary>
    public bool RefusesNull { get; init; }
}
