using System.ComponentModel.DataAnnotations;
using RpcGen;

namespace Consumer.Contracts;

/// <summary>A contract in a separate assembly that two others use.</summary>
[AmqpRpc]
public partial interface IWarehouse
{
    /// <summary>Stores something.</summary>
    [RpcFault<FullException>("full")]
    Task<Stored> StoreAsync(Parcel parcel, [Range(1, 9)] int shelf, CancellationToken cancellationToken = default);
}

/// <summary>Something to store.</summary>
public sealed record Parcel([Required] string Content, decimal Weight, IReadOnlyList<string> Labels);

/// <summary>The location.</summary>
public sealed record Stored(int Shelf, Parcel Parcel);

/// <summary>The warehouse is full.</summary>
public sealed class FullException(string message, int shelf) : Exception(message)
{
    /// <summary>Where.</summary>
    public int Shelf { get; } = shelf;
}
