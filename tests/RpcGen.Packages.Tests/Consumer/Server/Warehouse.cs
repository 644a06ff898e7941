using Consumer.Contracts;
using RpcGen;

namespace Consumer.Server;

internal sealed class Warehouse : IWarehouse
{
    public Task<Stored> StoreAsync(Parcel parcel, int shelf, CancellationToken cancellationToken) =>
        shelf == 9 ? throw new FullException("No room", shelf) : Task.FromResult(new Stored(shelf, parcel));
}

/// <summary>The package RpcGen includes the generator too.</summary>
[AmqpRpc]
internal partial interface ILocal
{
    Task PingAsync(CancellationToken cancellationToken = default);
}

internal sealed class Local : ILocal
{
    public Task PingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
