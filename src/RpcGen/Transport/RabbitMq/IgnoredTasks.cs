namespace RpcGen.Transport.RabbitMq;

/// <summary>For tasks whose outcome does not matter.</summary>
internal static class IgnoredTasks
{
    /// <summary>Keeps a later exception of the task from being reported as unobserved.</summary>
    public static void IgnoreOutcome(this Task task) => task.ContinueWith(
        static finished => _ = finished.Exception,
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    /// <summary>
    /// Waits until the task has ended, successfully or not, or the limit has passed. The limit is real time: it bounds
    /// waits for the network, which no simulated clock controls.
    /// </summary>
    public static async Task WaitIgnoringOutcomeAsync(this Task task, TimeSpan limit)
    {
        try
        {
            await task.WaitAsync(limit, TimeProvider.System).ConfigureAwait(false);
        }
        catch (Exception)
        {
            task.IgnoreOutcome();
        }
    }
}
