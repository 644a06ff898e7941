using System.ComponentModel.DataAnnotations;
using RpcGen;

namespace Consumer.Contracts;

/// <summary>A contract in an assembly of its own, used by two others.</summary>
[AmqpRpc]
public partial interface IWarehouse
{
    /// <summary>Stores something.</summary>
    [RpcFault<FullException>("full")]
    Task<Stored> StoreAsync(Parcel parcel, [Range(1, 9)] int shelf, CancellationToken cancellationToken = default);
}

/// <summary>Something to store.</summary>
public sealed record Parcel([Required] string Content, decimal Weight, IReadOnlyList<string> Labels);

/// <summary>Where it is.</summary>
public sealed record Stored(int Shelf, Parcel Parcel);

/// <summary>There is no room.</summary>
public sealed class FullException(string message, int shelf) : Exception(message)
{
    /// <summary>Where.</summary>
    public int Shelf { get; } = shelf;
}
