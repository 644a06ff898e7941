namespace RpcGen.Tests.Hosting;

[AmqpRpc("orders")]
public partial interface IOrders
{
    Task<string> GetAsync(string id, CancellationToken cancellationToken = default);
}

[AmqpRpc("stock")]
public partial interface IStock
{
    Task<int> CountAsync(string item, CancellationToken cancellationToken = default);
}

internal sealed class Orders : IOrders
{
    public Task<string> GetAsync(string id, CancellationToken cancellationToken) => Task.FromResult($"order {id}");
}

internal sealed class OtherOrders : IOrders
{
    public Task<string> GetAsync(string id, CancellationToken cancellationToken) => Task.FromResult($"other {id}");
}

internal sealed class Stock : IStock
{
    public Task<int> CountAsync(string item, CancellationToken cancellationToken) => Task.FromResult(item.Length);
}
