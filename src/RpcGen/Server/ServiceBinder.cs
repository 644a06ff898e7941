using RpcGen.Generated;
using RpcGen.Server.Running;

namespace RpcGen.Server;

/// <summary>Collects the methods of a contract from its generated code, each bound to a handler.</summary>
internal sealed class ServiceBinder<TService>(ServiceSource<TService> services, IReadOnlyList<IRpcServerInterceptor> interceptors, string queue, RpcJson json) : RpcServerBinder<TService>
    where TService : class
{
    private readonly List<MethodHandler> _handlers = [];

    public override RpcJson Json { get; } = json;

    /// <summary>The handlers bound so far.</summary>
    public IReadOnlyCollection<MethodHandler> Handlers => _handlers;

    public override void Bind<TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method) =>
        _handlers.Add(new MethodHandler<TService, TArguments, TResult>(method, services, interceptors, queue));
}
