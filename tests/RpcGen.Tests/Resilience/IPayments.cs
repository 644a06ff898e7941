namespace RpcGen.Tests.Resilience;

#region contract
[AmqpRpc]
public partial interface IPayments
{
    [RpcIdempotent]
    Task<decimal> BalanceAsync(string account, CancellationToken cancellationToken = default);

    Task PayAsync(string account, decimal amount, CancellationToken cancellationToken = default);
}
#endregion

/// <summary>An account with 100 units.</summary>
public sealed class Payments : IPayments
{
    private decimal _balance = 100;

    public Task<decimal> BalanceAsync(string account, CancellationToken cancellationToken) => Task.FromResult(_balance);

    public Task PayAsync(string account, decimal amount, CancellationToken cancellationToken)
    {
        _balance -= amount;
        return Task.CompletedTask;
    }
}
