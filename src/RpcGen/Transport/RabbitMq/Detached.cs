namespace RpcGen.Transport.RabbitMq;

/// <summary>Tasks whose outcome nobody needs.</summary>
internal static class Detached
{
    /// <summary>Lets a task end as it likes: its exception is not reported as unobserved.</summary>
    public static void Observe(Task task) => task.ContinueWith(
        static finished => _ = finished.Exception,
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    /// <summary>Waits for a task to end in whatever way, for so long at most: by the system's clock, since networks know no other.</summary>
    public static async Task WaitAsync(Task task, TimeSpan limit)
    {
        try
        {
            await task.WaitAsync(limit, TimeProvider.System).ConfigureAwait(false);
        }
        catch (Exception)
        {
            Observe(task);
        }
    }
}
