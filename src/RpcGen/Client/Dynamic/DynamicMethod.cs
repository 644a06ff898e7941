using System.Text.Json;
using RpcGen.Generated;

namespace RpcGen.Client.Dynamic;

/// <summary>A method of which only its caller says what it promises. Arguments and results are JSON that passes through unchanged.</summary>
/// <typeparam name="TResult">The result's JSON, or <see cref="RpcVoid"/> for a one-way method.</typeparam>
internal sealed class DynamicMethod<TResult>(RpcJson json, string name, RpcDelivery delivery, bool isDurable) : RpcMethod<object, ValueTuple<ReadOnlyMemory<byte>>, TResult>(json, name)
{
    /// <inheritdoc/>
    public override bool IsIdempotent => delivery == RpcDelivery.Idempotent;

    /// <inheritdoc/>
    public override bool IsAtMostOnce => delivery == RpcDelivery.AtMostOnce;

    /// <inheritdoc/>
    public override bool IsDurable => isDurable;

    /// <inheritdoc/>
    public override bool IsOneWay => typeof(TResult) == typeof(RpcVoid);

    internal override bool HasRawResult => true;

    /// <inheritdoc/>
    public override void WriteArguments(Utf8JsonWriter writer, in ValueTuple<ReadOnlyMemory<byte>> arguments) =>
        writer.WriteRawValue(arguments.Item1.Span, skipInputValidation: true); // DynamicArguments has checked it

    /// <inheritdoc/>
    public override ValueTask<TResult> InvokeAsync(object service, ValueTuple<ReadOnlyMemory<byte>> arguments, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Dynamic methods are only called.");
}
