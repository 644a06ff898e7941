using RpcGen.Client.Streaming;
using RpcGen.Generated;
using RpcGen.Streams;

namespace RpcGen.Client;

/// <summary>Calls one method that returns a stream of items: interceptors, and a call for each enumeration. Thread-safe.</summary>
internal sealed class StreamCaller<TService, TArguments, TItem> : RpcStreamCaller<TArguments, TItem>
    where TService : class
    where TArguments : struct
{
    private readonly StreamStarter<TService, TArguments, IAsyncEnumerable<TItem>, TItem> _starter;
    private readonly RpcClientNext<TArguments, IAsyncEnumerable<TItem>>? _pipeline;

    /// <param name="session">The calls of the connection.</param>
    /// <param name="links">The streams of the connection.</param>
    /// <param name="method">The method.</param>
    /// <param name="settings">Defaults for calls that set nothing themselves.</param>
    /// <param name="interceptors">The interceptors, the first one outermost.</param>
    public StreamCaller(
        CallSession session,
        StreamLinks links,
        RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method,
        MethodSettings settings,
        IReadOnlyList<IRpcClientInterceptor> interceptors)
    {
        _starter = new StreamStarter<TService, TArguments, IAsyncEnumerable<TItem>, TItem>(session, links, method, settings);
        _pipeline = interceptors.Count == 0 ? null : ClientPipeline.Build<TArguments, IAsyncEnumerable<TItem>>(interceptors, OpenNextAsync);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<TItem> Stream(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        TArguments kept = arguments;
        return new StreamEnumerable<TItem>(
            _pipeline is null ? token => OpenAsync(settings, kept, token) : token => _pipeline(_starter.CreateCall(settings, in kept, token)),
            cancellationToken);
    }

    /// <summary>The end of the pipeline: a call like any other, in what remains of the time.</summary>
    private ValueTask<IAsyncEnumerable<TItem>> OpenNextAsync(RpcClientCall<TArguments> call) =>
        OpenAsync(InterceptedCalls.ReadOptions(call), call.Arguments, call.CancellationToken);

    private async ValueTask<IAsyncEnumerable<TItem>> OpenAsync(RpcCallOptions options, TArguments arguments, CancellationToken cancellationToken) =>
        await _starter.OpenAsync(options, arguments, cancellationToken).ConfigureAwait(false);
}
