namespace Shop;

/// <summary>The stock. Thread-safe, because calls run at the same time.</summary>
internal sealed class Stock
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _articles = new() { ["nut"] = 100, ["bolt"] = 50 };

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
            return true;
        }
    }
}
