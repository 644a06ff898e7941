using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>One method of a contract with its types: how arguments are written, read and checked, and how it is run.</summary>
/// <typeparam name="TService">The contract.</typeparam>
/// <typeparam name="TArguments">A tuple with an element a parameter, tokens left out.</typeparam>
/// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcMethod<TService, TArguments, TResult> : RpcMethod
    where TService : class
    where TArguments : struct
{
    /// <summary>Creates the method under its name on the wire.</summary>
    /// <exception cref="InvalidOperationException">No metadata covers the result; the message says how to add it.</exception>
    protected RpcMethod(RpcJson json, string name)
        : base(json, name)
    {
        ArgumentNullException.ThrowIfNull(json);
        ResultType = typeof(TResult) == typeof(RpcVoid) ? null : json.GetTypeInfo<TResult>();
    }

    /// <summary>How results are written and read; null for a method without result, whose reply body is empty.</summary>
    public JsonTypeInfo<TResult>? ResultType { get; }

    /// <inheritdoc/>
    public sealed override JsonTypeInfo? ResultTypeInfo => ResultType;

    /// <summary>Writes the request's body: overridden where there are arguments.</summary>
    public virtual void WriteArguments(Utf8JsonWriter writer, in TArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteEndObject();
    }

    /// <summary>Reads the request's body; what is wrong with it is noted in <paramref name="reader"/>. Overridden where there are arguments.</summary>
    public virtual TArguments ReadArguments(ref RpcArgumentReader reader)
    {
        while (reader.NextParameter())
        {
            reader.Skip();
        }

        return default;
    }

    /// <summary>Notes in <paramref name="validation"/> every way in which arguments break the contract; overridden where they can.</summary>
    public virtual void Validate(in TArguments arguments, RpcValidation validation)
    {
    }

    /// <summary>Runs the method on the service.</summary>
    public abstract ValueTask<TResult> InvokeAsync(TService service, TArguments arguments, CancellationToken cancellationToken);
}
