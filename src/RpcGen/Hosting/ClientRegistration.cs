using RpcGen.Generated;

namespace RpcGen.Hosting;

/// <summary>A client that the application uses.</summary>
internal abstract class ClientRegistration(Type contract, RpcContract description) : ContractRegistration(contract, description)
{
    public override string Method => $"AddClient<{Name}>";

    /// <summary>Create the interceptors of this client alone, the outermost first.</summary>
    public List<Func<IServiceProvider, IRpcClientInterceptor>> Interceptors { get; } = [];

    /// <summary>Creates the client, so that a client that cannot be created fails the host's start rather than the first call.</summary>
    public abstract void Check(Broker broker);
}

/// <summary>A client of a contract.</summary>
internal sealed class ClientRegistration<T>() : ClientRegistration(typeof(T), ContractFormat.Describe<T>())
    where T : class, IRpcContract<T>
{
    public override void Check(Broker broker) => broker.GetClient<T>(this);
}
