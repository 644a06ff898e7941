namespace RpcGen.Tests.Server;

/// <summary>Bounds each wait of a test, so that a broken runtime fails it quickly.</summary>
internal static class TaskBounds
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public static Task Soon(this Task task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().Soon();

    public static Task Soon(this ValueTask task) => task.AsTask().Soon();

    /// <summary>Waits until a condition holds that no event announces.</summary>
    public static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
        {
            await Task.Delay(1, limit.Token);
        }
    }
}
