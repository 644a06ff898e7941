using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>The in-memory broker at the end of a wire, which it is without by itself: frames take their time and can be lost.</summary>
internal sealed class WireTransport(Network network, ITransport broker) : ITransport
{
    public string Address => broker.Address;

    public string UserName => broker.UserName;

    public async Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        await Task.Yield();
        ITransportConnection connection = await broker.ConnectAsync(name, cancellationToken);
        return new WireConnection(network, connection);
    }
}
