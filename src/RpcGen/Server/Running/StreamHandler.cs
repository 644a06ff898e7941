using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Streaming;
using RpcGen.Streams;

namespace RpcGen.Server.Running;

/// <summary>
/// Runs a method that returns a stream, until its source is known and the caller knows who serves it. From then on the stream runs by
/// itself: the call gives its place back, and its request is acknowledged.
/// </summary>
internal sealed class StreamHandler<TService, TArguments, TItem>(
    RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method,
    ServiceSource<TService> services,
    IReadOnlyList<IRpcServerInterceptor> interceptors,
    CallerChecks checks,
    string queue,
    OpenStreams streams,
    StreamFaults faults) : MethodHandler<TService, TArguments, IAsyncEnumerable<TItem>>(method, services, interceptors, checks, queue)
    where TService : class
    where TArguments : struct
{
    private readonly RpcItems<TItem> _items = (RpcItems<TItem>)method.Items!;

    private TimeProvider Time => streams.Links.Time;

    /// <inheritdoc/>
    /// <exception cref="CallRefusedException">There is no place or no connection for another stream.</exception>
    public override async ValueTask RunAsync(ServerCall call)
    {
        if (call.IsBatched || !StreamOffer.TryRead(call.Delivery.ContentType, out StreamOffer offer))
        {
            throw new RpcProtocolException($"'{Method.Name}' returns a stream. Send a request of its own for it, with the parameter 'window' of its content_type.");
        }

        if (streams.Links.Current?.FindServed(call.Delivery.ReplyTo!, call.Id) is not null)
        {
            // The broker delivers the request again, because the channel was lost before its acknowledgement. The stream goes on.
            call.TryCancelByCaller(call.Delivery.ReplyTo!, call.Id.Normalize());
            return;
        }

        if (!streams.TryEnter())
        {
            throw new CallRefusedException(FaultCodes.Overloaded, $"'{Method.Name}' was refused: {streams.Max} streams are open, the most that RpcServerOptions.MaxStreams allows.");
        }

        ServiceLease<TService>? lease = null;
        ServedStream<TItem>? stream = null;
        try
        {
            StreamLink link = await GetLinkAsync(call).ConfigureAwait(false);
            call.Deadline = offer.Total is { } total ? Time.GetTimestamp() + (long)(total.TotalSeconds * Time.TimestampFrequency) : long.MaxValue; // the client bounds the opening
            lease = await AdmitAsync(call).ConfigureAwait(false);
            if (TryRead(call, out TArguments arguments) && call.TryStart(Method, out CancellationToken cancellationToken))
            {
                lease ??= Rent(call);
                IAsyncEnumerable<TItem> source = await InvokeAsync(call.Context, lease, arguments, cancellationToken).ConfigureAwait(false)
                    ?? throw new InvalidOperationException($"'{Method.Name}' returned null instead of a stream.");
                stream = Open(call, link, offer);
                _ = stream.RunAsync(source, call.HandOver(lease.EndAsync));
                CancelIfUnwanted(call, stream);
                await stream.Announced.ConfigureAwait(false);
            }
        }
        finally
        {
            if (stream is null)
            {
                streams.Leave(null);
                if (lease is not null)
                {
                    await lease.EndAsync().ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>The cancellation can have come before the stream was known.</summary>
    private static void CancelIfUnwanted(ServerCall call, ServedStream<TItem> stream)
    {
        if (call.IsCancelledByCaller)
        {
            stream.Cancel();
        }
    }

    private ServedStream<TItem> Open(ServerCall call, StreamLink link, StreamOffer offer)
    {
        var stream = new ServedStream<TItem>(call.Id, call.Delivery.ReplyTo!, link, offer, Method, _items, streams, faults);
        if (!link.TryAdd(stream))
        {
            throw new CallRefusedException(FaultCodes.Interrupted, $"'{Method.Name}' was given up: the server's connection for streams was lost, or a stream with the same call id is open.");
        }

        streams.Add(stream);
        link.Join(stream, call.Delivery.ReplyTo!, offer.Beat);
        return stream;
    }

    private CancellationTokenSource StartTimeout(long deadline) => deadline == long.MaxValue
        ? new CancellationTokenSource()
        : new CancellationTokenSource(TimeSpan.FromTicks(Math.Max(1, Time.GetElapsedTime(Time.GetTimestamp(), deadline).Ticks)), Time);

    /// <summary>Waits for the connection for streams, as long as the caller waits.</summary>
    private async ValueTask<StreamLink> GetLinkAsync(ServerCall call)
    {
        if (streams.Links.Current is { } open)
        {
            return open;
        }

        using CancellationTokenSource timeout = StartTimeout(call.Deadline);
        try
        {
            return await streams.Links.GetAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            throw new CallRefusedException(FaultCodes.Unavailable, $"'{Method.Name}' did not run: the server has no connection for streams ({streams.Links.DownReason}).");
        }
    }
}
