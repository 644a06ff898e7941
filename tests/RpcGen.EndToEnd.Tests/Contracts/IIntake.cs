using System.ComponentModel.DataAnnotations;

namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>A service that takes streams, whose behaviour the test decides.</summary>
[AmqpRpc]
[RpcFault<FeedBrokenException>("feed-broken")]
public partial interface IIntake
{
    Task<Receipt> StoreAsync([Required] string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);

    /// <summary>Little can be on its way.</summary>
    [RpcStream(WindowBytes = 4096)]
    Task<Receipt> StoreNarrowlyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);

    /// <summary>The source is one item ahead of the handler at most.</summary>
    [RpcStream(WindowItems = 1)]
    Task<Receipt> StoreOnDemandAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);

    [RpcStream(IdleTimeoutMilliseconds = 200)]
    Task<Receipt> StoreImpatientlyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);

    [RpcStream(TotalTimeoutMilliseconds = 200)]
    Task<Receipt> StoreBrieflyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    Task<Receipt> StoreIdempotentlyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);

    Task DiscardAsync(IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);

    Task<string[]> ZipAsync(IAsyncEnumerable<int> numbers, string separator, IAsyncEnumerable<string> texts, CancellationToken cancellationToken = default);

    IAsyncEnumerable<FeedItem> ExchangeAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);

    [RpcStream(WindowBytes = 4096)]
    IAsyncEnumerable<FeedItem> ExchangeNarrowlyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken = default);

    Task<string> EchoAsync(string text, CancellationToken cancellationToken = default);
}

public sealed record Parcel([property: Range(0, 1_000_000)] int Number, [property: Required] string Text);

public sealed record Receipt(int Count, string Note);

/// <summary>What the methods of <see cref="IIntake"/> with one stream and one result do.</summary>
public delegate Task<Receipt> Storing(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken);

/// <summary>What the methods of <see cref="IIntake"/> with streams both ways do.</summary>
public delegate IAsyncEnumerable<FeedItem> Exchanging(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken);

/// <param name="store">What the methods with one result do.</param>
/// <param name="exchange">What the methods with streams both ways do.</param>
public sealed class Intake(Storing store, Exchanging exchange) : IIntake
{
    public Task<Receipt> StoreAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken) => store(name, parcels, cancellationToken);

    public Task<Receipt> StoreNarrowlyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken) => store(name, parcels, cancellationToken);

    public Task<Receipt> StoreOnDemandAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken) => store(name, parcels, cancellationToken);

    public Task<Receipt> StoreImpatientlyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken) => store(name, parcels, cancellationToken);

    public Task<Receipt> StoreBrieflyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken) => store(name, parcels, cancellationToken);

    public Task<Receipt> StoreIdempotentlyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken) => store(name, parcels, cancellationToken);

    public Task DiscardAsync(IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken) => store("discard", parcels, cancellationToken);

    public async Task<string[]> ZipAsync(IAsyncEnumerable<int> numbers, string separator, IAsyncEnumerable<string> texts, CancellationToken cancellationToken) =>
        await numbers.Zip(texts, (number, text) => $"{number}{separator}{text}").ToArrayAsync(cancellationToken);

    public IAsyncEnumerable<FeedItem> ExchangeAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken) => exchange(name, parcels, cancellationToken);

    public IAsyncEnumerable<FeedItem> ExchangeNarrowlyAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken) => exchange(name, parcels, cancellationToken);

    public Task<string> EchoAsync(string text, CancellationToken cancellationToken) => Task.FromResult(text);
}
