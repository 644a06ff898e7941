using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>A named value in JSON, whatever its type. Immutable, thread-safe.</summary>
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

    /// <summary>Whether a request has to have it: for a parameter without default value.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether null breaks the contract, although the type has it in JSON.</summary>
    public bool RefusesNull { get; init; }
}
