namespace RpcGen;

/// <summary>Where a connection string comes from. It is read for each connection.</summary>
/// <param name="Read">Returns the connection string as it is now. Thread-safe.</param>
/// <param name="Place">Where an operator finds it, such as a configuration key; null if code gives it.</param>
internal sealed record ConnectionSource(Func<string> Read, string? Place)
{
    /// <summary>A connection string that code gives.</summary>
    public static ConnectionSource Fixed(string connectionString) => new(() => connectionString, Place: null);
}
