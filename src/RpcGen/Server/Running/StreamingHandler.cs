using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Server.Streaming;
using RpcGen.Streams;

namespace RpcGen.Server.Running;

/// <summary>
/// Runs a method with streams, until the caller knows who serves its call. From then on the call runs by itself: it gives its place back,
/// and its request is acknowledged.
/// </summary>
internal abstract class StreamingHandler<TService, TArguments, TResult>(
    RpcMethod<TService, TArguments, TResult> method,
    ServiceSource<TService> services,
    IReadOnlyList<IRpcServerInterceptor> interceptors,
    CallerChecks checks,
    string queue,
    OpenStreams streams,
    StreamFaults faults) : MethodHandler<TService, TArguments, TResult>(method, services, interceptors, checks, queue)
    where TService : class
    where TArguments : struct
{
    private readonly bool _hasParameters = method.Parameters.Any(static parameter => !parameter.IsInBody);

    /// <summary>Whether the method does without streams if the caller wants no progress.</summary>
    private readonly bool _isOptional = !method.IsStream && !method.Parameters.Any(static parameter => parameter.IsStream);

    private TimeProvider Time => streams.Links.Time;

    /// <inheritdoc/>
    /// <exception cref="CallRefusedException">There is no place or no connection for another stream.</exception>
    public override async ValueTask RunAsync(ServerCall call)
    {
        if (call.IsBatched || !StreamOffer.TryRead(call.Delivery.ContentType, out StreamOffer offer))
        {
            if (_isOptional)
            {
                await base.RunAsync(call).ConfigureAwait(false);
                return;
            }

            throw new RpcProtocolException($"'{Method.Name}' has streams. Send a request of its own for it, with the parameter 'window' of its content_type.");
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
        ServedParameters? parameters = null;
        ServedCall? served = null;
        try
        {
            StreamLink link = await GetLinkAsync(call).ConfigureAwait(false);
            call.Deadline = offer.Total is { } total ? Time.GetTimestamp() + (long)(total.TotalSeconds * Time.TimestampFrequency) : long.MaxValue; // the client bounds the opening
            lease = await AdmitAsync(call).ConfigureAwait(false);
            parameters = _hasParameters ? new ServedParameters(link, streams.Links, offer.Window) : null;
            if (TryRead(call, out TArguments arguments, parameters) && call.TryStart(Method, out CancellationToken cancellationToken))
            {
                lease ??= Rent(call);
                var opening = new StreamOpening(call.Id, call.Delivery.ReplyTo!, link, Method, parameters, streams, faults);
                served = await OpenAsync(call, opening, offer, lease, arguments, cancellationToken).ConfigureAwait(false);
                await served.Announced.ConfigureAwait(false);
            }
        }
        finally
        {
            if (served is null)
            {
                parameters?.End();
                streams.Leave(null);
                if (lease is not null)
                {
                    await lease.EndAsync().ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Starts the handler, or has it started, and opens the call.</summary>
    /// <exception cref="CallRefusedException">The call cannot be opened.</exception>
    protected abstract ValueTask<ServedCall> OpenAsync(
        ServerCall call, StreamOpening opening, StreamOffer offer, ServiceLease<TService> lease, TArguments arguments, CancellationToken cancellationToken);

    /// <summary>Makes the call known: messages of the caller find it from then on.</summary>
    /// <exception cref="CallRefusedException">The link is lost, or the call is open already.</exception>
    protected void Register(ServedCall served, StreamOpening opening, StreamOffer offer)
    {
        if (!opening.Link.TryAdd(served))
        {
            throw new CallRefusedException(FaultCodes.Interrupted, $"'{Method.Name}' was given up: the server's connection for streams was lost, or a stream with the same call id is open.");
        }

        streams.Add(served);
        opening.Link.Join(served, opening.Caller, offer.Beat);
    }

    /// <summary>The cancellation can have come before the stream was known.</summary>
    protected static void CancelIfUnwanted(ServerCall call, ServedCall served)
    {
        if (call.IsCancelledByCaller)
        {
            served.Cancel();
        }
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
