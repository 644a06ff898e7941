using RpcGen.Generated;

namespace RpcGen.Client;

/// <summary>A request of a reserved type, without arguments, as a method that no contract has.</summary>
internal sealed class Question<TResult>(RpcJson json, string type) : RpcMethod<object, ValueTuple, TResult>(json, type)
{
    /// <inheritdoc/>
    public override bool IsIdempotent => true;

    /// <inheritdoc/>
    public override ValueTask<TResult> InvokeAsync(object service, ValueTuple arguments, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Questions are answered by the server's runtime.");
}
