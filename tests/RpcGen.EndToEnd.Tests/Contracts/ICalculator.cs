namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>Every shape of method.</summary>
[AmqpRpc]
[RpcBatching(true)]
public partial interface ICalculator
{
    Task<int> AddAsync(int a, int b, CancellationToken cancellationToken = default);

    ValueTask<int> NegateAsync(int value);

    Task RememberAsync(string text, CancellationToken cancellationToken = default);

    ValueTask ForgetAsync();

    Task<string?> RecallAsync();

    /// <summary>The token comes first, the parameters have defaults.</summary>
    Task<string> JoinAsync(CancellationToken cancellationToken, string? left = "l", string right = "r", int times = 2, DayOfWeek day = DayOfWeek.Friday);

    Task<Order> EchoAsync(Order order, CancellationToken cancellationToken = default);

    Task<byte[]> EchoBytesAsync(byte[] bytes, CancellationToken cancellationToken = default);

    Task<string> KeywordsAsync(string @event, int @class, int reader, int writer, int service, int arguments);
}

public sealed record Order(string Customer, IReadOnlyList<OrderLine> Lines, DateTimeOffset PlacedAt, (int Low, string High) Range);

public sealed record OrderLine(string Article, int Quantity, decimal? Price);

/// <summary>The expected implementation.</summary>
public sealed class Calculator : ICalculator
{
    private int _calls;
    private string? _text;

    public int Calls => Volatile.Read(ref _calls);

    public Task<int> AddAsync(int a, int b, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return Task.FromResult(a + b);
    }

    public ValueTask<int> NegateAsync(int value) => new(-value);

    public async Task RememberAsync(string text, CancellationToken cancellationToken)
    {
        await Task.Yield();
        _text = text;
    }

    public ValueTask ForgetAsync()
    {
        _text = null;
        return default;
    }

    public Task<string?> RecallAsync() => Task.FromResult(_text);

    public Task<string> JoinAsync(CancellationToken cancellationToken, string? left, string right, int times, DayOfWeek day) =>
        Task.FromResult($"{left ?? "null"}-{right}-{times}-{day}");

    public Task<Order> EchoAsync(Order order, CancellationToken cancellationToken) => Task.FromResult(order);

    public Task<byte[]> EchoBytesAsync(byte[] bytes, CancellationToken cancellationToken) => Task.FromResult(bytes);

    public Task<string> KeywordsAsync(string @event, int @class, int reader, int writer, int service, int arguments) =>
        Task.FromResult($"{@event}{@class}{reader}{writer}{service}{arguments}");
}
