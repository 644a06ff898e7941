using RpcGen.Generated;

namespace RpcGen.Server;

/// <summary>Collects the methods of a contract, bound to the service that runs them.</summary>
internal sealed class ServiceBinder<TService>(TService service, IReadOnlyList<IRpcServerInterceptor> interceptors, string queue, RpcJson json) : RpcServerBinder<TService>
    where TService : class
{
    private readonly List<MethodHandler> _handlers = [];

    public override RpcJson Json { get; } = json;

    public IReadOnlyCollection<MethodHandler> Handlers => _handlers;

    public override void Bind<TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method) =>
        _handlers.Add(new MethodHandler<TService, TArguments, TResult>(method, service, interceptors, queue));
}
