using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Streaming;

namespace RpcGen.Server.Running;

/// <summary>Runs a method that returns a stream, and can take others.</summary>
internal sealed class StreamHandler<TService, TArguments, TItem>(
    RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method,
    ServiceSource<TService> services,
    IReadOnlyList<IRpcServerInterceptor> interceptors,
    CallerChecks checks,
    string queue,
    OpenStreams streams,
    StreamFaults faults) : StreamingHandler<TService, TArguments, IAsyncEnumerable<TItem>>(method, services, interceptors, checks, queue, streams, faults)
    where TService : class
    where TArguments : struct
{
    private readonly RpcItems<TItem> _items = (RpcItems<TItem>)method.Items!;

    /// <inheritdoc/>
    protected override async ValueTask<ServedCall> OpenAsync(
        ServerCall call, StreamOpening opening, StreamOffer offer, ServiceLease<TService> lease, TArguments arguments, CancellationToken cancellationToken)
    {
        return opening.Parameters is null
            ? await OpenSourceAsync(call, opening, offer, lease, arguments, cancellationToken).ConfigureAwait(false)
            : await OpenBothAsync(call, opening, offer, lease, arguments, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The source is known before the caller learns who serves its call. A call that is refused has not been opened.</summary>
    private async ValueTask<ServedCall> OpenSourceAsync(
        ServerCall call, StreamOpening opening, StreamOffer offer, ServiceLease<TService> lease, TArguments arguments, CancellationToken cancellationToken)
    {
        IAsyncEnumerable<TItem> source = await InvokeAsync(call.Context, lease, arguments, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"'{Method.Name}' returned null instead of a stream.");
        ServedStream<TItem> stream = Register(opening, offer);
        _ = stream.RunAsync(() => new(source), call.HandOver(lease.EndAsync));
        CancelIfUnwanted(call, stream);
        return stream;
    }

    /// <summary>The caller's streams can be read as soon as the handler runs: the caller has to know first who serves its call.</summary>
    private async ValueTask<ServedCall> OpenBothAsync(
        ServerCall call, StreamOpening opening, StreamOffer offer, ServiceLease<TService> lease, TArguments arguments, CancellationToken cancellationToken)
    {
        ServedStream<TItem> stream = Register(opening, offer);
        StreamEstate estate = call.HandOver(lease.EndAsync);
        CancelIfUnwanted(call, stream);
        await stream.AnnounceAsync().ConfigureAwait(false);
        _ = Task.Run(() => stream.RunAsync(() => InvokeAsync(estate.Context, lease, arguments, cancellationToken), estate), CancellationToken.None);
        return stream;
    }

    private ServedStream<TItem> Register(StreamOpening opening, StreamOffer offer)
    {
        var stream = new ServedStream<TItem>(opening, offer, _items);
        Register(stream, opening, offer);
        return stream;
    }
}
