using System.Runtime.CompilerServices;

namespace Shop;

/// <summary>The stock. Thread-safe, because calls run at the same time.</summary>
internal sealed class Stock
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _articles = new() { ["nut"] = 100, ["bolt"] = 50 };
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool TryTake(string article, int quantity, out int left)
    {
        lock (_gate)
        {
            left = _articles.GetValueOrDefault(article);
            if (left < quantity)
            {
                return false;
            }

            _articles[article] = left -= quantity;
            _changed.SetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    public StockLevel[] GetLevels()
    {
        lock (_gate)
        {
            return [.. _articles.Select(article => new StockLevel(article.Key, article.Value))];
        }
    }

    /// <summary>All levels, then those that change. A reader that is slower than the changes gets the latest ones.</summary>
    public async IAsyncEnumerable<StockLevel> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<StockLevel> seen = [];
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                changed = _changed.Task;
            }

            StockLevel[] levels = GetLevels();
            foreach (StockLevel level in levels.Where(level => !seen.Contains(level)))
            {
                yield return level;
            }

            seen = [.. levels];
            await changed.WaitAsync(cancellationToken);
        }
    }
}
