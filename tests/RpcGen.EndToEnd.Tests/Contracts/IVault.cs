using System.ComponentModel.DataAnnotations;

namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>Methods that only some callers can call.</summary>
[AmqpRpc]
[RpcAuthorize("admin")]
public partial interface IVault
{
    Task<string> OpenAsync(string key, CancellationToken cancellationToken = default);

    [RpcOneWay]
    Task ForgetAsync(string key, CancellationToken cancellationToken = default);

    [RpcBroadcast]
    Task LockAsync(string reason, CancellationToken cancellationToken = default);

    Task<int> StoreAsync(Valuable valuable, CancellationToken cancellationToken = default);

    [RpcAllowAnonymous]
    Task<string?> WhoAmIAsync(CancellationToken cancellationToken = default);

    [RpcAllowAnonymous]
    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    [RpcAllowAnonymous, RpcTimeout(2_000)]
    Task<string> WaitAsync(string what, CancellationToken cancellationToken = default);
}

/// <summary>A contract whose callers have to be known, and no more.</summary>
[AmqpRpc]
[RpcAuthorize]
public partial interface IClub
{
    Task<string> EnterAsync(CancellationToken cancellationToken = default);

    [RpcAllowAnonymous]
    Task<string> LookAsync(CancellationToken cancellationToken = default);
}

/// <summary>An argument with code of the user's.</summary>
public sealed record Valuable(string Name, byte[] Content) : IValidatableObject
{
    private static int _validations;

    public static int Validations => Volatile.Read(ref _validations);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        Interlocked.Increment(ref _validations);
        return [];
    }
}

/// <summary>Counts what ran. Only the broker's user "root" is an admin.</summary>
public sealed class Vault : IVault, IRpcAuthorizer
{
    private int _runs;

    public int Runs => Volatile.Read(ref _runs);

    public string Admin { get; init; } = "root";

    public ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy) => new(policy == "admin" && context.BrokerUser == Admin);

    public Task<string> OpenAsync(string key, CancellationToken cancellationToken) => Run("open");

    public Task ForgetAsync(string key, CancellationToken cancellationToken) => Run("forgotten");

    public Task LockAsync(string reason, CancellationToken cancellationToken) => Run("locked");

    public async Task<int> StoreAsync(Valuable valuable, CancellationToken cancellationToken) => (await Run("stored")).Length;

    public Task<string?> WhoAmIAsync(CancellationToken cancellationToken) => Task.FromResult(RpcCallContext.Current!.BrokerUser);

    public Task<int> AddAsync(int a, int b, CancellationToken cancellationToken) => Task.FromResult(a + b);

    public async Task<string> WaitAsync(string what, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return what;
    }

    private Task<string> Run(string result)
    {
        Interlocked.Increment(ref _runs);
        return Task.FromResult(result);
    }
}

public sealed class Club : IClub
{
    public Task<string> EnterAsync(CancellationToken cancellationToken) => Task.FromResult(RpcCallContext.Current!.User.Identity!.Name ?? RpcCallContext.Current.BrokerUser!);

    public Task<string> LookAsync(CancellationToken cancellationToken) => Task.FromResult("from outside");
}
