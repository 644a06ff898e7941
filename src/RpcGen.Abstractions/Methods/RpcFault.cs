using System.ComponentModel;
using System.Text.Json;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>A declared fault: an exception type and the code under which it travels. Immutable, thread-safe.</summary>
public abstract class RpcFault
{
    private protected RpcFault(string code) => Code = code;

    /// <summary>The fault's name on the wire.</summary>
    public string Code { get; }

    /// <summary>The exception's own members, which travel with the fault.</summary>
    public virtual IReadOnlyList<RpcProperty> Members => [];

    /// <summary>Whether <paramref name="exception"/> is of the declared type.</summary>
    public abstract bool Matches(Exception exception);

    /// <summary>Writes the exception's own members into the open JSON object <c>data</c>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public abstract void WriteData(Utf8JsonWriter writer, Exception exception);

    /// <summary>Rebuilds the exception from its message and members.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public abstract Exception Rebuild(RpcFaultData data);
}
