using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>Sells articles of <see cref="Kind"/>.</summary>
[AmqpRpc]
public partial interface IKiosk
{
    /// <summary>Places an order.</summary>
    /// <param name="basket">What to order.</param>
    /// <param name="express">Whether it is urgent.</param>
    /// <param name="colour">The colour of the box.</param>
    /// <returns>The receipt.</returns>
    [RpcFault<SoldOutException>("sold-out")]
    Task<Bill> PlaceAsync(Basket basket, bool express = false, Colour colour = Colour.Red, CancellationToken cancellationToken = default);

    [Description("Finds a bill.")]
    Task<Bill?> FindAsync([Range(1, 1000)] int number, [StringLength(20, MinimumLength = 2), RegularExpression("[a-z]+")] string? hint, CancellationToken cancellationToken);

    [Obsolete("Use Find.")]
    Task<IReadOnlyList<string?>> OldAsync(Dictionary<string, string[]> tags, CancellationToken cancellationToken);

    Task<(string Name, string? Note)> PairAsync(Goods article, long id, decimal price, CancellationToken cancellationToken);

    IAsyncEnumerable<Branch> WalkAsync(Shelf<Goods> page, CancellationToken cancellationToken);
}

/// <summary>A basket.</summary>
/// <param name="Customer">Who orders.</param>
public sealed record Basket([property: Required] string? Customer, [MinLength(1)] IReadOnlyList<BasketLine> Lines, byte[] Picture, Toppings Toppings = Toppings.None);

public sealed class BasketLine
{
    /// <summary>The article's number.</summary>
    [MinLength(1)]
    public required string Article { get; init; }

    [Range(1, 100)]
    public int Quantity { get; init; }

    [Obsolete("Not used.")]
    public string? Note { get; init; }

    [EmailAddress, CreditCard]
    public string? Contact { get; init; }
}

public sealed record Bill(ulong Number, decimal Total, DateTimeOffset At, TimeSpan Wait, Colour? Colour);

/// <summary>A colour.</summary>
public enum Colour
{
    Red,
    Green = 5,
}

[Flags]
public enum Toppings
{
    None = 0,
    Cream = 1,
    Nuts = 2,
}

[JsonDerivedType(typeof(Book), "book")]
[JsonDerivedType(typeof(Song), "song")]
public abstract record Goods(string Title);

public sealed record Book(string Title, int Pages) : Goods(Title);

public sealed record Song(string Title, double Minutes) : Goods(Title);

public sealed record Shelf<T>(IReadOnlyList<T> Items, T First, Shelf<T>? Next);

public sealed record Branch(string Name, Branch? Next, IReadOnlyList<Branch> Twigs);

public sealed class SoldOutException(string message, string article, int left) : Exception(message)
{
    /// <summary>The article.</summary>
    public string Article { get; } = article;

    public int Left { get; } = left;
}

public sealed class Kiosk : IKiosk
{
    public Task<Bill> PlaceAsync(Basket basket, bool express, Colour colour, CancellationToken cancellationToken) =>
        basket.Lines[0].Quantity > 50 ? throw new SoldOutException("Only 2 are left.", basket.Lines[0].Article, 2) : Task.FromResult(new Bill(ulong.MaxValue, decimal.MaxValue, DateTimeOffset.UnixEpoch, TimeSpan.FromHours(30), colour));

    public Task<Bill?> FindAsync(int number, string? hint, CancellationToken cancellationToken) => Task.FromResult<Bill?>(null);

    public Task<IReadOnlyList<string?>> OldAsync(Dictionary<string, string[]> tags, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string?>>([null, "x"]);

    public Task<(string Name, string? Note)> PairAsync(Goods article, long id, decimal price, CancellationToken cancellationToken) => Task.FromResult<(string, string?)>((article.Title, null));

    public async IAsyncEnumerable<Branch> WalkAsync(Shelf<Goods> page, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield return new Branch(page.First.Title, new Branch("b", null, []), []);
    }
}
