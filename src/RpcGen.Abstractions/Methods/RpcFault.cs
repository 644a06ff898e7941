using System.ComponentModel;
using System.Text.Json;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>A declared fault: an exception type and the code under which it travels. Immutable, thread-safe.</summary>
public abstract class RpcFault
{
    private const string DataKey = "RpcGen.Fault";

    private protected RpcFault(string code) => Code = code;

    /// <summary>The declared fault that a call of a client ended with, found by the exception that the caller got; null for other exceptions.</summary>
    /// <param name="exception">Any exception. <see cref="Exception.Data"/> of the caller's exception contains the fault.</param>
    public static RpcFault? Of(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Data[DataKey] as RpcFault;
    }

    /// <summary>The fault's name on the wire.</summary>
    public string Code { get; }

    /// <summary>The status of HTTP responses: see <see cref="RpcFaultAttribute{TException}.HttpStatus"/>.</summary>
    public virtual int HttpStatus => 422;

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

    /// <summary>Rebuilds the exception for a caller, who can find the fault by it.</summary>
    internal Exception RebuildForCaller(RpcFaultData data)
    {
        Exception exception = Rebuild(data);
        exception.Data[DataKey] = this;
        return exception;
    }
}
