using RpcGen.Client.Batching;
using RpcGen.Client.Calls;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Serialization;
using RpcGen.Streams;

namespace RpcGen.Client;

/// <summary>Makes an invoker for each method of a client proxy.</summary>
internal sealed class ClientBinder(CallSession session, RpcContract contract, ClientSettings settings, RpcJson json) : RpcClientBinder
{
    private readonly string _queue = settings.Queue ?? contract.Queue;
    private readonly CallQuota? _quota = CallQuota.Create(settings.MaxPendingCalls, session.Quota);
    private readonly string _exchange = settings.Exchange ?? contract.Exchange ?? "";

    private readonly ContractTypes _types = new(json, isServer: false);

    /// <summary>The streams of the connection.</summary>
    public StreamLinks? Streams { get; init; }

    /// <inheritdoc/>
    public override RpcJson Json { get; } = json;

    /// <inheritdoc/>
    public override RpcCaller<TArguments, TResult> Bind<TService, TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method)
    {
        Check(method);
        MethodSettings bound = CreateSettings(method);
        if (method.ReturnsBytes)
        {
            return (RpcCaller<TArguments, TResult>)(object)new DownloadInvoker<TService, TArguments>(
                session, Streams!, (RpcMethod<TService, TArguments, Stream>)(object)method, bound, settings.Interceptors);
        }

        RpcCaller<TArguments, TResult> invoker = method.IsOneWay
            ? new OneWayInvoker<TService, TArguments, TResult>(session, method, bound)
            : method.Parameters.Any(static parameter => parameter.IsStream)
            ? new UploadInvoker<TService, TArguments, TResult>(session, Streams!, method, bound)
            : new CallInvoker<TService, TArguments, TResult>(session, method, bound, CreateBatching(method, bound.Route));
        if (method.Parameters.Any(static parameter => parameter.IsProgress) && !method.Parameters.Any(static parameter => parameter.IsStream))
        {
            invoker = new ProgressInvoker<TService, TArguments, TResult>(method, new UploadInvoker<TService, TArguments, TResult>(session, Streams!, method, bound), invoker);
        }

        return settings.Interceptors.Count == 0
            ? invoker
            : new InterceptedInvoker<TService, TArguments, TResult>(invoker, method, bound, settings.Interceptors, session.Environment);
    }

    /// <inheritdoc/>
    public override RpcStreamCaller<TArguments, TItem> BindStream<TService, TArguments, TItem>(RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method)
    {
        Check(method);
        return new StreamCaller<TService, TArguments, TItem>(session, Streams!, method, CreateSettings(method), settings.Interceptors);
    }

    /// <summary>Methods without a contract have no types to check. They are bound while others are, which the check does not support.</summary>
    private void Check(RpcMethod method)
    {
        if (!method.HasRawResult)
        {
            _types.Check(method);
        }
    }

    private MethodSettings CreateSettings(RpcMethod method) => new(
        CreateRoute(method),
        settings.Timeout ?? method.Timeout,
        settings.FailFast ?? contract.FailFast,
        new CallLabel(contract.Queue, method.Name, _queue)) { Quota = _quota, Throttle = session.Queues.ThrottleOf(_queue), Confirms = session.Queues.ConfirmsOf(_queue) };

    private RequestRoute CreateRoute(RpcMethod method)
    {
        if (!method.IsBroadcast)
        {
            return RequestRoute.ToQueue(_queue, contract.BodyStyle, _exchange);
        }

        QueueNames.ThrowIfTooLongToBroadcast(_queue);
        return RequestRoute.ToEveryInstance(_queue, contract.BodyStyle);
    }

    private MethodBatching? CreateBatching(RpcMethod method, RequestRoute route)
    {
        bool isAllowed = (settings.Batching ?? session.Settings.Batching) && session.Settings.MaxMessageBytes >= RequestBatcher.LeastMessageBytes;
        bool isPossible = method is { CanBatch: true, IsDurable: false, IsLongRunning: false } && route.BodyStyle != RpcBodyStyle.Bare;
        return isAllowed && isPossible ? session.CreateBatching(method, route) : null;
    }
}
