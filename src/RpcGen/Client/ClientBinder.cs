using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Client;

/// <summary>Binds the methods of a client proxy to a connection.</summary>
internal sealed class ClientBinder(CallSession session, RpcContract contract, RpcClientOptions options, IReadOnlyList<IRpcClientInterceptor> interceptors, RpcJson json) : RpcClientBinder
{
    private readonly ServiceAddress _service = new(options.Queue ?? contract.Queue, contract.BodyStyle);

    public override RpcJson Json { get; } = json;

    public override RpcCaller<TArguments, TResult> Bind<TService, TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method)
    {
        if (method.IsBroadcast)
        {
            QueueNames.ThrowIfTooLongToBroadcast(_service.Queue);
        }

        return new MethodCaller<TService, TArguments, TResult>(
            session,
            method,
            _service,
            contract.Queue,
            options.Timeout ?? method.Timeout,
            options.FailFast ?? contract.FailFast,
            options.Batching ?? session.Batching,
            interceptors);
    }
}
