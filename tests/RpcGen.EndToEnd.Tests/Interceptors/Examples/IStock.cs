namespace RpcGen.EndToEnd.Tests.Interceptors.Examples;

#region contract
[AmqpRpc]
[RpcAuthorize("read")]
public partial interface IStock
{
    Task<int> CountAsync(string article, CancellationToken cancellationToken = default);

    [RpcAuthorize("write")]
    Task TakeAsync(string article, int count, CancellationToken cancellationToken = default);
}
#endregion

public sealed class Stock : IStock
{
    private int _taken;

    public int Calls { get; private set; }

    public Task<int> CountAsync(string article, CancellationToken cancellationToken)
    {
        Calls++;
        return Task.FromResult(10 - _taken);
    }

    public Task TakeAsync(string article, int count, CancellationToken cancellationToken)
    {
        Calls++;
        _taken += count;
        return Task.CompletedTask;
    }
}
