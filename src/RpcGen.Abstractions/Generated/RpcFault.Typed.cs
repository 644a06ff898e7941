using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace RpcGen.Generated;

/// <summary>A declared fault with its type.</summary>
/// <typeparam name="TException">The exception.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcFault<TException> : RpcFault
    where TException : Exception
{
    /// <summary>Declares the fault under <paramref name="code"/>.</summary>
    /// <param name="json">The JSON metadata of the contract.</param>
    /// <param name="code">The fault's name on the wire.</param>
    protected RpcFault(RpcJson json, string code)
        : base(code) => ArgumentNullException.ThrowIfNull(json);

    /// <inheritdoc/>
    public sealed override bool Matches(Exception exception) => exception is TException;

    /// <inheritdoc/>
    public sealed override void WriteData(Utf8JsonWriter writer, Exception exception) => Write(writer, (TException)exception);

    /// <inheritdoc/>
    public sealed override Exception Rebuild(RpcFaultData data) => Read(data);

    /// <summary>Writes a property for each of the exception's own public members.</summary>
    protected abstract void Write(Utf8JsonWriter writer, TException exception);

    /// <summary>Creates the exception from its message and members.</summary>
    protected abstract TException Read(RpcFaultData data);
}

/// <summary>The data of an exception in a fault message.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct RpcFaultData
{
    private readonly JsonElement _data;

    internal RpcFaultData(string message, JsonElement data)
    {
        Message = message;
        _data = data;
    }

    /// <summary>The exception's message.</summary>
    public string Message { get; }

    /// <summary>Gets the value of <paramref name="member"/>, or the default of its type if the message lacks it.</summary>
    /// <exception cref="JsonException">The member has the wrong type.</exception>
    public T? Get<T>(RpcProperty<T> member)
    {
        ArgumentNullException.ThrowIfNull(member);
        if (_data.ValueKind != JsonValueKind.Object || !_data.TryGetProperty(member.Utf8Name, out JsonElement value))
        {
            return default;
        }

        member.Json.ThrowIfExcessive(typeof(T), JsonMarshal.GetRawUtf8Value(value));
        return value.Deserialize(member.Type);
    }
}
