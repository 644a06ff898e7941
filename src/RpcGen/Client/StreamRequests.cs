using RpcGen.Client.Calls;
using RpcGen.Client.Streaming;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Creates the requests of one method with streams. Thread-safe.</summary>
internal sealed class StreamRequests<TService, TArguments, TResult>(CallSession session, RpcMethod<TService, TArguments, TResult> method, MethodSettings settings)
    where TService : class
    where TArguments : struct
{
    private readonly RequestWriter<TService, TArguments, TResult> _writer = new(method, settings.Route, session);
    private readonly bool _sendsStreams = method.Parameters.Any(static parameter => !parameter.IsInBody);

    /// <summary>Whether the method's calls send streams, or take progress.</summary>
    public bool SendStreams => _sendsStreams;

    /// <summary>Checks and writes the arguments.</summary>
    /// <exception cref="RpcTimeoutException">The call is made by a handler whose own time is over.</exception>
    /// <exception cref="RpcValidationException">The arguments break the contract.</exception>
    /// <exception cref="RpcProtocolException">The arguments cannot be written, or are too large.</exception>
    public StreamRequest Create(CorrelationId id, RpcCallOptions options, TArguments arguments, bool isNested)
    {
        TimeProvider time = session.Environment.Time;
        var identity = new CallIdentity(method.Name, id.ToString(), settings.Route.Queue);
        var deadline = CallDeadline.Start(options.Timeout ?? settings.Timeout, time, time.GetTimestamp(), out string? expired);
        if (expired is not null)
        {
            throw CallExceptions.HandlerExpired(identity, expired);
        }

        options.ReplyMetadata?.Clear();
        return new StreamRequest(id, identity, Write(in arguments, id), deadline)
        {
            Offer = _sendsStreams ? sources => method.OfferStreams(in arguments, sources) : null,
            Headers = options.Metadata?.ToHeaders(),
            Priority = options.Priority ?? method.Priority,
            FailFast = options.FailFast ?? settings.FailFast,
            ReplyMetadata = options.ReplyMetadata,
            IsNested = isNested,
        };
    }

    /// <summary>The same request as another call: the server of the first one can still have it.</summary>
    public StreamRequest Renew(StreamRequest request)
    {
        CorrelationId id = session.CreateOneWayId();
        return request with { Id = id, Identity = request.Identity with { CallId = id.ToString() } };
    }

    /// <summary>The request with the span of its call.</summary>
    public static StreamRequest Trace(StreamRequest request, ClientObservation? observation) => observation?.Traced is { } span
        ? request with
        {
            Headers = RequestHeaders.Create(TraceContext.AddTo(request.Headers, span), TraceContext.TraceParent(span)),
        }
        : request;

    /// <summary>Writes into an array of its own: a request can be sent again.</summary>
    private byte[] Write(in TArguments arguments, CorrelationId id)
    {
        var body = new PooledBuffer();
        try
        {
            _writer.Write(in arguments, body, id);
            return body.Written.ToArray();
        }
        finally
        {
            body.Release();
        }
    }
}
