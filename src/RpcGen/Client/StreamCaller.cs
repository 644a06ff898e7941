using RpcGen.Client.Calls;
using RpcGen.Client.Streaming;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Calls one method that returns a stream: interceptors, arguments, and the request that opens the stream. Thread-safe.</summary>
internal sealed class StreamCaller<TService, TArguments, TItem> : RpcStreamCaller<TArguments, TItem>
    where TService : class
    where TArguments : struct
{
    private readonly CallSession _session;
    private readonly StreamLinks _links;
    private readonly RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> _method;
    private readonly RpcItems<TItem> _items;
    private readonly MethodSettings _settings;
    private readonly RequestWriter<TService, TArguments, IAsyncEnumerable<TItem>> _writer;
    private readonly StreamOpener<TItem> _opener;
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
        _session = session;
        _links = links;
        _method = method;
        _items = (RpcItems<TItem>)method.Items!;
        _settings = settings;
        _writer = new RequestWriter<TService, TArguments, IAsyncEnumerable<TItem>>(method, settings.Route, session);
        _opener = new StreamOpener<TItem>(session, links, method, _items, settings);
        _pipeline = interceptors.Count == 0 ? null : ClientPipeline.Build<TArguments, IAsyncEnumerable<TItem>>(interceptors, OpenNextAsync);
    }

    /// <inheritdoc/>
    public override IAsyncEnumerable<TItem> Stream(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        TArguments kept = arguments;
        return new StreamEnumerable<TItem>(
            _pipeline is null ? token => OpenAsync(settings, kept, token) : token => InterceptAsync(_pipeline, settings, kept, token),
            cancellationToken);
    }

    private ValueTask<IAsyncEnumerable<TItem>> InterceptAsync(
        RpcClientNext<TArguments, IAsyncEnumerable<TItem>> pipeline, RpcCallOptions options, TArguments arguments, CancellationToken cancellationToken)
    {
        RpcClientCall<TArguments> call = InterceptedCalls.Create(_method, _settings, _session.Environment.Time, options, arguments, cancellationToken);
        return pipeline(call);
    }

    /// <summary>The end of the pipeline: a call like any other, in what remains of the time.</summary>
    private ValueTask<IAsyncEnumerable<TItem>> OpenNextAsync(RpcClientCall<TArguments> call) =>
        OpenAsync(InterceptedCalls.ReadOptions(call), call.Arguments, call.CancellationToken);

    private async ValueTask<IAsyncEnumerable<TItem>> OpenAsync(RpcCallOptions options, TArguments arguments, CancellationToken cancellationToken)
    {
        bool isNested = RpcCallContext.Current is not null;
        if (_links.IsClosing && !isNested)
        {
            throw CallExceptions.ConnectionDisposed();
        }

        CorrelationId id = _session.CreateOneWayId();
        ClientObservation? observation = null;
        _settings.Quota?.Enter(_method.Name, _settings.Route.Queue);
        try
        {
            StreamRequest request = CreateRequest(id, options, in arguments, isNested);
            observation = ClientObservation.Begin(_settings.Label, _session.Environment.Time, _session.Environment.CallLog);
            request = Trace(request, observation);
            ClientStream<TItem> stream = await _opener.OpenAsync(request, cancellationToken).ConfigureAwait(false);
            Func<ValueTask<ClientStream<TItem>>>? reopen = _method.IsIdempotent ? () => _opener.OpenAsync(Renew(request), cancellationToken) : null;
            return new OpenedStream<TItem>(stream, new StreamEnds<TItem>(stream, _items, _session.Environment.Time, observation, canReopen: reopen is not null), reopen, cancellationToken);
        }
        catch (Exception e)
        {
            observation?.End(e, id.ToString(), isRemote: false);
            throw;
        }
        finally
        {
            _settings.Quota?.Leave();
        }
    }

    private StreamRequest CreateRequest(CorrelationId id, RpcCallOptions options, in TArguments arguments, bool isNested)
    {
        TimeProvider time = _session.Environment.Time;
        var identity = new CallIdentity(_method.Name, id.ToString(), _settings.Route.Queue);
        var deadline = CallDeadline.Start(options.Timeout ?? _settings.Timeout, time, time.GetTimestamp(), out string? expired);
        if (expired is not null)
        {
            throw CallExceptions.HandlerExpired(identity, expired);
        }

        options.ReplyMetadata?.Clear();
        return new StreamRequest(id, identity, Write(in arguments, id), deadline)
        {
            Headers = options.Metadata?.ToHeaders(),
            Priority = options.Priority ?? _method.Priority,
            FailFast = options.FailFast ?? _settings.FailFast,
            ReplyMetadata = options.ReplyMetadata,
            IsNested = isNested,
        };
    }

    /// <summary>The same request as another call: the server of the first one can still have it.</summary>
    private StreamRequest Renew(StreamRequest request)
    {
        CorrelationId id = _session.CreateOneWayId();
        return request with { Id = id, Identity = request.Identity with { CallId = id.ToString() } };
    }

    private static StreamRequest Trace(StreamRequest request, ClientObservation? observation) => observation?.Traced is { } span
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
