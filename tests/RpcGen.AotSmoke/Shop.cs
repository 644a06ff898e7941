using System.Text.Json;

namespace RpcGen.AotSmoke;

internal sealed class Shop : IShop
{
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _noted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _notes;
    private string? _text;

    /// <summary>Completes when <see cref="WaitAsync"/> runs.</summary>
    public Task Waiting => _waiting.Task;

    /// <summary>Completes when two notes have arrived.</summary>
    public Task Noted => _noted.Task;

    /// <summary>Completes when the handler's token has fired.</summary>
    public Task Cancelled => _cancelled.Task;

    public Task<Receipt> OrderAsync(Order order, int desk, CancellationToken cancellationToken) =>
        Task.FromResult(new Receipt(order.Customer, order.Lines.Sum(line => line.Quantity) * desk, new DateOnly(2026, 2, 3), order.Payment));

    public Task<Receipt> ReserveAsync(string article, CancellationToken cancellationToken) =>
        throw new SoldOutException($"No {article} left", article, ["pear", "quince"]) { BackOn = new DateOnly(2026, 9, 1) };

    public Task<IReadOnlyList<Payment>> ListPaymentsAsync(Weekday day, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Payment>>([new CardPayment("4111111111111111"), new CashPayment((int)day)]);

    public ValueTask<Page<Receipt>> ListReceiptsAsync(int first, int? count, CancellationToken cancellationToken) =>
        new(new Page<Receipt>([new Receipt("Ada", first, null, null)], count ?? -1));

    public Task RememberAsync(string? text, CancellationToken cancellationToken)
    {
        _text = text;
        return Task.CompletedTask;
    }

    public Task NoteAsync(string text, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _notes) == 2)
        {
            _noted.SetResult();
        }

        return Task.CompletedTask;
    }

    public Task AnnounceAsync(string text, CancellationToken cancellationToken) => NoteAsync(text, cancellationToken);

    public Task<string?> RecallAsync(CancellationToken cancellationToken) => Task.FromResult(_text);

    public Task<byte[]> ReverseAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        Array.Reverse(bytes);
        return Task.FromResult(bytes);
    }

    public Task<Dictionary<string, int>> CountAsync(string[] words, CancellationToken cancellationToken) =>
        Task.FromResult(words.CountBy(word => word).ToDictionary());

    public Task<JsonElement> MixAsync(Guid id, DateTimeOffset at, decimal price, Uri link, TimeSpan span, CancellationToken cancellationToken) =>
        Task.FromResult(JsonElement.Parse($$"""["{{id}}",{{at.Year}},{{price}},"{{link.Host}}",{{span.Minutes}}]"""));

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        _waiting.SetResult();
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            _cancelled.SetResult();
        }
    }

    public Task FailAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("a secret");
}
