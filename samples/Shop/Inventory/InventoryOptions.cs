namespace Shop;

/// <summary>The section <c>Inventory</c> of the settings.</summary>
internal sealed class InventoryOptions
{
    /// <summary>How long it takes to count one article.</summary>
    public TimeSpan TimePerArticle { get; set; } = TimeSpan.FromSeconds(2);
}
