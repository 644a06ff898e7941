namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>Methods whose behaviour the test decides.</summary>
[AmqpRpc]
[RpcBatching(true)]
public partial interface ITroublemaker
{
    Task<string> DoAsync(string text, CancellationToken cancellationToken = default);

    [RpcTimeout(1_500)]
    Task<string> DoQuicklyAsync(string text, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    Task<string> DoIdempotentlyAsync(string text, CancellationToken cancellationToken = default);

    [RpcAtMostOnce]
    Task<string> DoOnceAsync(string text, CancellationToken cancellationToken = default);

    [RpcFault<QuotaExceededException>("quota")]
    [RpcFault<HardQuotaExceededException>("hard-quota")]
    Task<string> DoWithQuotaAsync(string text, CancellationToken cancellationToken = default);

    Task<Awkward> GetAwkwardAsync(string text, CancellationToken cancellationToken = default);

    Task<byte[]> GetBytesAsync(int count, CancellationToken cancellationToken = default);

    Task<int> CountBytesAsync(byte[] bytes, CancellationToken cancellationToken = default);
}

/// <summary>A contract whose calls do not wait for a server.</summary>
[AmqpRpc(FailFast = true)]
public partial interface IImpatient
{
    Task<string> DoAsync(string text, CancellationToken cancellationToken = default);
}

/// <summary>Runs the test's action.</summary>
public sealed class Troublemaker(Func<string, CancellationToken, Task<string>> act) : ITroublemaker
{
    public Task<string> DoAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public Task<string> DoQuicklyAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public Task<string> DoIdempotentlyAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public Task<string> DoOnceAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public Task<string> DoWithQuotaAsync(string text, CancellationToken cancellationToken) => act(text, cancellationToken);

    public async Task<Awkward> GetAwkwardAsync(string text, CancellationToken cancellationToken) => new(await act(text, cancellationToken));

    public Task<byte[]> GetBytesAsync(int count, CancellationToken cancellationToken) => Task.FromResult(new byte[count]);

    public Task<int> CountBytesAsync(byte[] bytes, CancellationToken cancellationToken) => Task.FromResult(bytes.Length);
}

/// <summary>A declared fault with members.</summary>
public class QuotaExceededException(string message, int limit, IReadOnlyList<string> users) : Exception(message)
{
    public int Limit { get; } = limit;

    public IReadOnlyList<string> Users { get; } = users;

    public DateTimeOffset? RetryAt { get; init; }
}

/// <summary>A derived fault with its own code.</summary>
public sealed class HardQuotaExceededException(string message, int limit, IReadOnlyList<string> users) : QuotaExceededException(message, limit, users);

/// <summary>Cannot be written if its text is "unwritable", nor read if it is "unreadable".</summary>
public sealed class Awkward(string text)
{
    public string Text => text == "unwritable" ? throw new InvalidOperationException("cannot be written") : text;

    /// <summary>Set only by the reader.</summary>
    public bool IsRead
    {
        get => true;
        init => _ = text == "unreadable" ? throw new InvalidOperationException("cannot be read") : value;
    }
}
