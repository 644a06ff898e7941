using System.Text.Json;
using RpcGen.Generated;

namespace RpcGen.Client.Dynamic;

/// <summary>A method of which only its caller says what it promises. Arguments, results and items are JSON that passes through unchanged.</summary>
/// <typeparam name="TResult">
/// The result's JSON, <see cref="RpcVoid"/> for a one-way method, an <see cref="IAsyncEnumerable{T}"/> of JSON, or a <see cref="Stream"/>.
/// </typeparam>
/// <param name="json">The JSON metadata.</param>
/// <param name="name">The name on the wire.</param>
/// <param name="promises">What the caller says of the method.</param>
/// <param name="items">The items or bytes of the stream that the method returns; null if it returns none.</param>
/// <param name="streams">The streams of one call, which is then the only one with this object; null if it has none.</param>
internal sealed class DynamicMethod<TResult>(RpcJson json, string name, DynamicPromises promises, RpcItems? items = null, DynamicStreams? streams = null)
    : RpcMethod<object, ValueTuple<ReadOnlyMemory<byte>>, TResult>(json, name, items)
{
    /// <inheritdoc/>
    public override bool IsIdempotent => promises.Delivery == RpcDelivery.Idempotent;

    /// <inheritdoc/>
    public override bool IsAtMostOnce => promises.Delivery == RpcDelivery.AtMostOnce;

    /// <inheritdoc/>
    public override bool IsDurable => promises.IsDurable;

    /// <inheritdoc/>
    public override bool IsOneWay => typeof(TResult) == typeof(RpcVoid);

    /// <inheritdoc/>
    public override IReadOnlyList<RpcProperty> Parameters => streams?.Parameters ?? [];

    internal override bool HasRawResult => true;

    /// <inheritdoc/>
    public override void WriteArguments(Utf8JsonWriter writer, in ValueTuple<ReadOnlyMemory<byte>> arguments) =>
        writer.WriteRawValue(arguments.Item1.Span, skipInputValidation: true); // DynamicArguments has checked it

    /// <inheritdoc/>
    public override void OfferStreams(in ValueTuple<ReadOnlyMemory<byte>> arguments, RpcStreamSources sources) => streams?.Offer(sources);

    /// <inheritdoc/>
    public override ValueTask<TResult> InvokeAsync(object service, ValueTuple<ReadOnlyMemory<byte>> arguments, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Dynamic methods are only called.");
}

/// <summary>What a method without a contract promises.</summary>
/// <param name="Delivery">How often a call can run where it is in doubt.</param>
/// <param name="IsDurable">Whether requests survive a restart of the broker.</param>
internal readonly record struct DynamicPromises(RpcDelivery Delivery, bool IsDurable);
