using System.ComponentModel;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>A named JSON value with its type: a parameter of a method, or a member of a fault. Immutable, thread-safe.</summary>
/// <typeparam name="T">The value's type.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public class RpcProperty<T> : RpcProperty
{
    private readonly byte[] _utf8Name;

    private readonly T? _defaultValue;

    /// <summary>Describes a value that a request must contain.</summary>
    /// <param name="json">The JSON metadata of the contract.</param>
    /// <param name="name">Its name on the wire.</param>
    public RpcProperty(RpcJson json, string name)
        : this(json, name, isRequired: true, default)
    {
    }

    /// <summary>Describes a value that a request can omit.</summary>
    /// <param name="json">The JSON metadata of the contract.</param>
    /// <param name="name">Its name on the wire.</param>
    /// <param name="defaultValue">The value if the request omits it.</param>
    public RpcProperty(RpcJson json, string name, T defaultValue)
        : this(json, name, isRequired: false, defaultValue)
    {
    }

    private RpcProperty(RpcJson json, string name, bool isRequired, T? defaultValue)
        : base(name, isRequired)
    {
        ArgumentNullException.ThrowIfNull(json);
        Json = json;
        Type = json.FindTypeInfo<T>(out InvalidOperationException? problem)!; // not used if there is a problem
        Problem = problem;
        _utf8Name = Encoding.UTF8.GetBytes(name);
        _defaultValue = defaultValue;
    }

    /// <summary>Describes a stream, or progress. Its items have JSON metadata, it has none itself.</summary>
    private protected RpcProperty(RpcJson json, string name, RpcPropertyKind kind)
        : base(name, isRequired: false, kind)
    {
        Json = json;
        Type = null!; // neither written nor read as a value
        _utf8Name = [];
    }

    /// <summary>How values are written and read; null for a stream and for progress.</summary>
    public JsonTypeInfo<T> Type { get; }

    /// <inheritdoc/>
    public override JsonTypeInfo TypeInfo => Type;

    internal override InvalidOperationException? Problem { get; }

    /// <summary>The JSON metadata of the contract.</summary>
    internal RpcJson Json { get; }

    internal ReadOnlySpan<byte> Utf8Name => _utf8Name;

    internal T DefaultValue => _defaultValue!;

    internal override JsonNode? GetDefault()
    {
        try
        {
            return IsRequired ? null : JsonSerializer.SerializeToNode(_defaultValue!, Type);
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            return null; // not a number, infinity
        }
    }

    /// <summary>Writes the name and a value. Nothing for a stream and for progress.</summary>
    public void Write(Utf8JsonWriter writer, T value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!IsInBody)
        {
            return;
        }

        writer.WritePropertyName(_utf8Name);
        JsonSerializer.Serialize(writer, value, Type);
    }

    /// <summary>Writes a bare value.</summary>
    public void WriteBare(Utf8JsonWriter writer, T value) => JsonSerializer.Serialize(writer, value, Type);

    /// <summary>Passes on the source of a stream that is to be sent, or what takes progress. Nothing for other values.</summary>
    public virtual void Offer(T value, RpcStreamSources sources)
    {
    }

    /// <summary>The value that the handler gets for a stream or for progress. Called for these only.</summary>
    /// <param name="receivers">Creates the value; null for a request that offers no streams.</param>
    internal virtual T Receive(RpcStreamReceivers? receivers) => throw new InvalidOperationException($"The parameter '{Name}' is no stream.");
}
