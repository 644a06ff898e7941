using RpcGen.Generated;

namespace RpcGen.Client;

/// <summary>
/// Calls one method that reports progress. Only calls whose caller takes it are calls with streams: others are plain calls, which can share
/// messages with their neighbours. Thread-safe.
/// </summary>
/// <param name="method">The method.</param>
/// <param name="withProgress">Makes calls whose caller takes progress.</param>
/// <param name="plain">Makes all other calls.</param>
internal sealed class ProgressInvoker<TService, TArguments, TResult>(
    RpcMethod<TService, TArguments, TResult> method, RpcCaller<TArguments, TResult> withProgress, RpcCaller<TArguments, TResult> plain) : RpcCaller<TArguments, TResult>
    where TService : class
    where TArguments : struct
{
    /// <inheritdoc/>
    public override ValueTask<TResult> CallAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        Choose(in arguments).CallAsync(settings, in arguments, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask CallVoidAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        Choose(in arguments).CallVoidAsync(settings, in arguments, cancellationToken);

    private RpcCaller<TArguments, TResult> Choose(in TArguments arguments)
    {
        var wanted = new WantedProgress();
        method.OfferStreams(in arguments, wanted);
        return wanted.IsAny ? withProgress : plain;
    }

    /// <summary>Finds out whether a call has an object that takes progress.</summary>
    private sealed class WantedProgress : RpcStreamSources
    {
        /// <summary>Whether there is one.</summary>
        public bool IsAny { get; private set; }

        public override void Add<TItem>(RpcStreamProperty<TItem> parameter, IAsyncEnumerable<TItem> source) => throw new InvalidOperationException("The method takes no streams.");

        public override void AddBytes(RpcByteStreamProperty parameter, Stream source) => throw new InvalidOperationException("The method takes no streams.");

        public override void AddProgress<TItem>(RpcProgressProperty<TItem> parameter, IProgress<TItem>? progress) => IsAny |= progress is not null;
    }
}
