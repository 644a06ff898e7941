using RpcGen.Client.Calls;
using RpcGen.Client.Streaming;
using RpcGen.Diagnostics;
using RpcGen.Generated;
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
    private readonly StreamRequests<TService, TArguments, IAsyncEnumerable<TItem>> _requests;
    private readonly StreamOpener<ClientStream<TItem>> _opener;
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
        _requests = new StreamRequests<TService, TArguments, IAsyncEnumerable<TItem>>(session, method, settings);
        _opener = new StreamOpener<ClientStream<TItem>>(session, links, method, _items, settings, Create);
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

    private ClientStream<TItem> Create(StreamRequest request, StreamLink link, StreamExceptions failures) =>
        new(request.Id, link, _method, _items, request.Identity, failures, _links.Budget, _links.Time)
        {
            ReplyMetadata = request.ReplyMetadata,
            IsNested = request.IsNested,
            HasEarlierAttempts = request.Attempts > 0,
        };

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
            StreamRequest request = _requests.Create(id, options, arguments, isNested);
            observation = ClientObservation.Begin(_settings.Label, _session.Environment.Time, _session.Environment.CallLog);
            request = StreamRequests<TService, TArguments, IAsyncEnumerable<TItem>>.Trace(request, observation);
            ClientStream<TItem> stream = await _opener.OpenAsync(request, cancellationToken).ConfigureAwait(false);

            // Sources of streams that were sent in part cannot be sent again.
            bool canReopen = _method.IsIdempotent && !_requests.SendStreams;
            Func<ValueTask<ClientStream<TItem>>>? reopen = canReopen ? () => _opener.OpenAsync(_requests.Renew(request), cancellationToken) : null;
            return new OpenedStream<TItem>(stream, new StreamEnds<TItem>(stream, _items, _session.Environment.Time, observation, canReopen), reopen, cancellationToken);
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
}
