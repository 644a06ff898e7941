using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>One method of a contract with its types. Writes, reads and validates arguments, and runs the method.</summary>
/// <typeparam name="TService">The contract.</typeparam>
/// <typeparam name="TArguments">A tuple with one element for each parameter, cancellation tokens left out.</typeparam>
/// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcMethod<TService, TArguments, TResult> : RpcMethod
    where TService : class
    where TArguments : struct
{
    /// <summary>Creates the method under its name on the wire.</summary>
    /// <param name="json">The JSON metadata of the contract.</param>
    /// <param name="name">The name on the wire.</param>
    /// <param name="items">The items of the stream that the method returns; null for a method that returns a task.</param>
    protected RpcMethod(RpcJson json, string name, RpcItems? items = null)
        : base(json, name)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonMetadata = json;
        Items = items;
        if (items is null && typeof(TResult) != typeof(RpcVoid))
        {
            ResultType = json.FindTypeInfo<TResult>(out InvalidOperationException? problem);
            ResultProblem = problem;
        }
    }

    /// <summary>The JSON metadata of the contract.</summary>
    internal RpcJson JsonMetadata { get; }

    /// <summary>The items or bytes of the stream that the method returns; null for a method that returns one result.</summary>
    internal RpcItems? Items { get; }

    /// <inheritdoc/>
    public sealed override JsonTypeInfo? ItemTypeInfo => Items?.TypeInfo;

    internal sealed override bool ReturnsBytes => Items is { IsRaw: true };

    internal sealed override InvalidOperationException? ItemProblem => Items?.Problem;

    /// <summary>How results are written and read; null for a method that returns nothing, whose replies have an empty body, and for a stream.</summary>
    public JsonTypeInfo<TResult>? ResultType { get; }

    /// <inheritdoc/>
    public sealed override JsonTypeInfo? ResultTypeInfo => ResultType;

    internal sealed override InvalidOperationException? ResultProblem { get; }

    /// <summary>Writes the body of a request. Overridden if the method has parameters.</summary>
    public virtual void WriteArguments(Utf8JsonWriter writer, in TArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteEndObject();
    }

    /// <summary>Passes on the sources of the parameters that are streams. Overridden if the method has such.</summary>
    public virtual void OfferStreams(in TArguments arguments, RpcStreamSources sources)
    {
    }

    /// <summary>Reads the body of a request. Violations are added to <paramref name="reader"/>. Overridden if the method has parameters.</summary>
    public virtual TArguments ReadArguments(ref RpcArgumentReader reader)
    {
        while (reader.NextParameter())
        {
            reader.Skip();
        }

        return default;
    }

    /// <summary>Adds every violation of the contract by the arguments. Overridden if the contract limits arguments.</summary>
    public virtual void Validate(in TArguments arguments, RpcValidation validation)
    {
    }

    /// <summary>Runs the method on the service.</summary>
    public abstract ValueTask<TResult> InvokeAsync(TService service, TArguments arguments, CancellationToken cancellationToken);
}
