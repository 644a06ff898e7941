namespace RpcGen.EndToEnd.Tests.Recipes;

#region contract
[AmqpRpc]
public partial interface IWarehouse
{
    Task<Receipt> StoreAsync(string shelf, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);
}
#endregion

public sealed record Parcel(string Content);

public sealed record Receipt(int Count);

public interface IShelves
{
    Task PutAsync(string shelf, Parcel parcel, CancellationToken cancellationToken);
}

public sealed class Warehouse(IShelves shelves) : IWarehouse
{
    #region service
    public async Task<Receipt> StoreAsync(string shelf, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (Parcel parcel in parcels.WithCancellation(cancellationToken))
        {
            await shelves.PutAsync(shelf, parcel, cancellationToken);
            count++;
        }

        return new Receipt(count);
    }
    #endregion
}

internal static class WarehouseClient
{
    public static async Task<int> StoreAsync(IWarehouse warehouse, TextReader file, CancellationToken cancellationToken)
    {
        #region call
        Receipt receipt = await warehouse.StoreAsync("A7", ReadParcelsAsync(file), cancellationToken);
        #endregion
        return receipt.Count;
    }

    private static async IAsyncEnumerable<Parcel> ReadParcelsAsync(TextReader file)
    {
        while (await file.ReadLineAsync() is { } line)
        {
            yield return new Parcel(line);
        }
    }
}
