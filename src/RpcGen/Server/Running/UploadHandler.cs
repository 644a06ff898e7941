using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Streaming;

namespace RpcGen.Server.Running;

/// <summary>Runs a method that takes streams or reports progress, and returns one result.</summary>
internal sealed class UploadHandler<TService, TArguments, TResult>(
    RpcMethod<TService, TArguments, TResult> method,
    ServiceSource<TService> services,
    IReadOnlyList<IRpcServerInterceptor> interceptors,
    CallerChecks checks,
    string queue,
    OpenStreams streams,
    StreamFaults faults) : StreamingHandler<TService, TArguments, TResult>(method, services, interceptors, checks, queue, streams, faults)
    where TService : class
    where TArguments : struct
{
    /// <inheritdoc/>
    protected override async ValueTask<ServedCall> OpenAsync(
        ServerCall call, StreamOpening opening, StreamOffer offer, ServiceLease<TService> lease, TArguments arguments, CancellationToken cancellationToken)
    {
        var upload = new ServedUpload(opening);
        Register(upload, opening, offer);
        StreamEstate estate = call.HandOver(lease.EndAsync);
        CancelIfUnwanted(call, upload);
        await upload.AnnounceAsync().ConfigureAwait(false);
        _ = Task.Run(() => upload.RunAsync(RunAsync, estate), CancellationToken.None);
        return upload;

        async ValueTask RunAsync(PooledBuffer result) => Write(result, await InvokeAsync(estate.Context, lease, arguments, cancellationToken).ConfigureAwait(false));
    }
}
