using RpcGen.Client.Calls;
using RpcGen.Client.Streaming;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Makes the calls of one method that returns a stream of items or bytes. Thread-safe.</summary>
internal sealed class StreamStarter<TService, TArguments, TResult, TItem>
    where TService : class
    where TArguments : struct
{
    private readonly CallSession _session;
    private readonly StreamLinks _links;
    private readonly RpcMethod<TService, TArguments, TResult> _method;
    private readonly RpcItems<TItem> _items;
    private readonly MethodSettings _settings;
    private readonly StreamRequests<TService, TArguments, TResult> _requests;
    private readonly StreamOpener<ClientStream<TItem>> _opener;

    /// <param name="session">The calls of the connection.</param>
    /// <param name="links">The streams of the connection.</param>
    /// <param name="method">The method.</param>
    /// <param name="settings">Defaults for calls that set nothing themselves.</param>
    public StreamStarter(CallSession session, StreamLinks links, RpcMethod<TService, TArguments, TResult> method, MethodSettings settings)
    {
        _session = session;
        _links = links;
        _method = method;
        _items = (RpcItems<TItem>)method.Items!;
        _settings = settings;
        _requests = new StreamRequests<TService, TArguments, TResult>(session, method, settings);
        _opener = new StreamOpener<ClientStream<TItem>>(session, links, method, _items, settings, Create);
    }

    /// <summary>The call as interceptors see it.</summary>
    public RpcClientCall<TArguments> CreateCall(RpcCallOptions options, in TArguments arguments, CancellationToken cancellationToken) =>
        InterceptedCalls.Create(_method, _settings, _session.Environment.Time, options, arguments, cancellationToken);

    /// <summary>Makes a call. Completes when a server has opened its stream.</summary>
    public async ValueTask<OpenedStream<TItem>> OpenAsync(RpcCallOptions options, TArguments arguments, CancellationToken cancellationToken)
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
            request = StreamRequests<TService, TArguments, TResult>.Trace(request, observation);
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

    private ClientStream<TItem> Create(StreamRequest request, StreamLink link, StreamExceptions failures) =>
        new(request.Id, link, _method, _items, request.Identity, failures, _links.Budget, _links.Time)
        {
            ReplyMetadata = request.ReplyMetadata,
            IsNested = request.IsNested,
            HasEarlierAttempts = request.Attempts > 0,
        };
}
