using System.Runtime.CompilerServices;

namespace Shop;

/// <summary>Feeds that end with a host.</summary>
internal static class Feeds
{
    #region until
    /// <summary>The items, until the token fires. Then the feed ends in order, without an exception.</summary>
    public static async IAsyncEnumerable<T> UntilStopped<T>(
        this IAsyncEnumerable<T> items, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        await using IAsyncEnumerator<T> all = items.GetAsyncEnumerator(ending.Token);
        while (await MoveNextAsync())
        {
            yield return all.Current;
        }

        async ValueTask<bool> MoveNextAsync()
        {
            try
            {
                return await all.MoveNextAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return false;
            }
        }
    }
    #endregion
}
