using RpcGen.Tests.Support;

namespace RpcGen.Tests.Server;

/// <summary>Bounds each wait of a test, so that a broken runtime fails it.</summary>
internal static class TaskBounds
{
    public static Task Soon(this Task task) => task.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().Soon();

    public static Task Soon(this ValueTask task) => task.AsTask().Soon();

    /// <summary>Waits until a condition holds that no event announces.</summary>
    public static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Bounds.Soon);
        while (!condition())
        {
            await Task.Delay(1, limit.Token);
        }
    }
}
