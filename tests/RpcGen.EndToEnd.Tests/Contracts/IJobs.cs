namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>A service that reports progress, whose behaviour the test decides.</summary>
[AmqpRpc]
[RpcFault<FeedBrokenException>("feed-broken")]
public partial interface IJobs
{
    Task<string> RunAsync(string name, IProgress<Step>? progress = null, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    Task<string> RunIdempotentlyAsync(string name, IProgress<Step>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Has no result, and its progress is not optional.</summary>
    Task RunObservedAsync(IProgress<Step> progress, CancellationToken cancellationToken = default);

    /// <summary>Takes a stream, and reports progress of two kinds.</summary>
    Task<int> ImportAsync(IAsyncEnumerable<Parcel> parcels, IProgress<int> stored, IProgress<string>? notes, CancellationToken cancellationToken = default);
}

public sealed record Step(int Number, string Text);

/// <summary>What the methods of <see cref="IJobs"/> without streams do.</summary>
public delegate Task<string> Working(string name, IProgress<Step>? progress, CancellationToken cancellationToken);

/// <param name="work">What the methods without streams do.</param>
public sealed class Jobs(Working work) : IJobs
{
    public Task<string> RunAsync(string name, IProgress<Step>? progress, CancellationToken cancellationToken) => work(name, progress, cancellationToken);

    public Task<string> RunIdempotentlyAsync(string name, IProgress<Step>? progress, CancellationToken cancellationToken) => work(name, progress, cancellationToken);

    public Task RunObservedAsync(IProgress<Step> progress, CancellationToken cancellationToken) => work("observed", progress, cancellationToken);

    public async Task<int> ImportAsync(IAsyncEnumerable<Parcel> parcels, IProgress<int> stored, IProgress<string>? notes, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (Parcel parcel in parcels.WithCancellation(cancellationToken))
        {
            count++;
            stored.Report(count);
            notes?.Report(parcel.Text);
        }

        return count;
    }
}
