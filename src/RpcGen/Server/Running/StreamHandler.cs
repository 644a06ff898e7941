using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Streaming;
using RpcGen.Streams;

namespace RpcGen.Server.Running;

/// <summary>Runs a method that returns a stream of items or bytes, and can take others.</summary>
internal sealed class StreamHandler<TService, TArguments, TResult, TItem>(
    RpcMethod<TService, TArguments, TResult> method,
    ServiceSource<TService> services,
    IReadOnlyList<IRpcServerInterceptor> interceptors,
    CallerChecks checks,
    string queue,
    OpenStreams streams,
    StreamFaults faults,
    Func<TResult, IAsyncEnumerable<TItem>> toItems) : StreamingHandler<TService, TArguments, TResult>(method, services, interceptors, checks, queue, streams, faults)
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
        IAsyncEnumerable<TItem> source = await GetSourceAsync(call.Context, lease, arguments, cancellationToken).ConfigureAwait(false);
        ServedStream<TItem> stream;
        try
        {
            stream = Register(opening, offer);
        }
        catch
        {
            await DisposeUnreadAsync(source).ConfigureAwait(false);
            throw;
        }

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
        _ = Task.Run(() => stream.RunAsync(() => GetSourceAsync(estate.Context, lease, arguments, cancellationToken), estate), CancellationToken.None);
        return stream;
    }

    private async ValueTask<IAsyncEnumerable<TItem>> GetSourceAsync(RpcCallContext context, ServiceLease<TService> lease, TArguments arguments, CancellationToken cancellationToken) =>
        toItems(await InvokeAsync(context, lease, arguments, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"'{Method.Name}' returned null instead of a stream."));

    /// <summary>Bytes belong to an object that holds something, such as a file. Items that are not enumerated hold nothing.</summary>
    private static ValueTask DisposeUnreadAsync(IAsyncEnumerable<TItem> source) => source is ByteSource bytes ? bytes.DisposeAsync() : default;

    private ServedStream<TItem> Register(StreamOpening opening, StreamOffer offer)
    {
        var stream = new ServedStream<TItem>(opening, offer, _items);
        Register(stream, opening, offer);
        return stream;
    }
}
