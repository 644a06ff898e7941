using RpcGen.Generated;
using RpcGen.Serialization;
using RpcGen.Server.Running;
using RpcGen.Server.Streaming;
using RpcGen.Streams;

namespace RpcGen.Server;

/// <summary>Collects the methods of a contract from its generated code, each bound to a handler.</summary>
internal sealed class ServiceBinder<TService>(ServiceSource<TService> services, IReadOnlyList<IRpcServerInterceptor> interceptors, CallerChecks checks, string queue, RpcJson json) : RpcServerBinder<TService>
    where TService : class
{
    private readonly List<MethodHandler> _handlers = [];
    private readonly ContractTypes _types = new(json, isServer: true);

    /// <summary>The open streams of the server.</summary>
    public OpenStreams? Streams { get; init; }

    /// <summary>Writes the faults of streams.</summary>
    public StreamFaults? StreamFaults { get; init; }

    public override RpcJson Json { get; } = json;

    /// <summary>The handlers bound so far.</summary>
    public IReadOnlyCollection<MethodHandler> Handlers => _handlers;

    public override void Bind<TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method)
    {
        _types.Check(method);
        if (method.ReturnsBytes)
        {
            var download = (RpcMethod<TService, TArguments, Stream>)(object)method;
            _handlers.Add(new StreamHandler<TService, TArguments, Stream, ReadOnlyMemory<byte>>(
                download, services, interceptors, checks, queue, Streams!, StreamFaults!, static stream => new ByteSource(stream, leavesOpen: false)));
            return;
        }

        _handlers.Add(method.Parameters.Any(static parameter => !parameter.IsInBody)
            ? new UploadHandler<TService, TArguments, TResult>(method, services, interceptors, checks, queue, Streams!, StreamFaults!)
            : new MethodHandler<TService, TArguments, TResult>(method, services, interceptors, checks, queue));
    }

    public override void BindStream<TArguments, TItem>(RpcMethod<TService, TArguments, IAsyncEnumerable<TItem>> method)
    {
        _types.Check(method);
        _handlers.Add(new StreamHandler<TService, TArguments, IAsyncEnumerable<TItem>, TItem>(method, services, interceptors, checks, queue, Streams!, StreamFaults!, static items => items));
    }

    /// <summary>Who gets the server's description; null for everyone.</summary>
    /// <param name="policy">The policy, or an empty text for nobody; null for everyone.</param>
    public DescriptionAccess? CreateDescriptionAccess(string? policy) => policy is null ? null : new DescriptionAccess<TService>(services, checks, Json.Contract, policy);
}
