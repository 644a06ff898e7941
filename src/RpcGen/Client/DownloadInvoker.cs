using RpcGen.Client.Streaming;
using RpcGen.Generated;
using RpcGen.Streams;

namespace RpcGen.Client;

/// <summary>Calls one method that returns a stream of bytes: interceptors, and one call, which ends with the stream. Thread-safe.</summary>
internal sealed class DownloadInvoker<TService, TArguments> : RpcCaller<TArguments, Stream>
    where TService : class
    where TArguments : struct
{
    private readonly StreamStarter<TService, TArguments, Stream, ReadOnlyMemory<byte>> _starter;
    private readonly RpcClientNext<TArguments, Stream>? _pipeline;

    /// <param name="session">The calls of the connection.</param>
    /// <param name="links">The streams of the connection.</param>
    /// <param name="method">The method.</param>
    /// <param name="settings">Defaults for calls that set nothing themselves.</param>
    /// <param name="interceptors">The interceptors, the first one outermost.</param>
    public DownloadInvoker(CallSession session, StreamLinks links, RpcMethod<TService, TArguments, Stream> method, MethodSettings settings, IReadOnlyList<IRpcClientInterceptor> interceptors)
    {
        _starter = new StreamStarter<TService, TArguments, Stream, ReadOnlyMemory<byte>>(session, links, method, settings);
        _pipeline = interceptors.Count == 0 ? null : ClientPipeline.Build<TArguments, Stream>(interceptors, OpenNextAsync);
    }

    /// <inheritdoc/>
    public override ValueTask<Stream> CallAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        _pipeline is null ? OpenAsync(settings, arguments, cancellationToken) : _pipeline(_starter.CreateCall(settings, in arguments, cancellationToken));

    /// <inheritdoc/>
    public override ValueTask CallVoidAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("The method returns a stream.");

    private ValueTask<Stream> OpenNextAsync(RpcClientCall<TArguments> call) => OpenAsync(InterceptedCalls.ReadOptions(call), call.Arguments, call.CancellationToken);

    private async ValueTask<Stream> OpenAsync(RpcCallOptions options, TArguments arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        OpenedStream<ReadOnlyMemory<byte>> opened = await _starter.OpenAsync(options, arguments, cancellationToken).ConfigureAwait(false);
        return new ByteStream(opened, opened.Interrupt);
    }
}
