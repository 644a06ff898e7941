using Consumer.Contracts;
using RpcGen;

await using RpcConnection connection = await RpcConnection.ConnectAsync(args[0]);
IWarehouse warehouse = connection.CreateClient<IWarehouse>(new RpcClientOptions { Queue = args[1] });
var parcel = new Parcel("books", 2.5m, ["heavy", "old"]);

Stored stored = await warehouse.StoreAsync(parcel, shelf: 3);
Console.WriteLine($"{stored.Parcel.Content} ({string.Join(", ", stored.Parcel.Labels)}), {stored.Parcel.Weight} kg: shelf {stored.Shelf}");
try
{
    await warehouse.StoreAsync(parcel, shelf: 9);
}
catch (FullException e)
{
    Console.WriteLine($"{e.Message} on shelf {e.Shelf}");
}

try
{
    await warehouse.StoreAsync(parcel with { Content = "" }, shelf: 10);
}
catch (RpcValidationException e)
{
    Console.WriteLine(string.Join(", ", e.Errors.Keys.Order(StringComparer.Ordinal)));
}
