namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>Waiting for conditions, within bounds so generous that only what never happens exceeds them.</summary>
public static class Wait
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Polls until a condition is true.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            Assert.False(patience.IsCancellationRequested, $"Waited {Patience.TotalSeconds} s in vain until {what}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    /// <summary>Awaits the task within the bound.</summary>
    public static Task<T> OrFail<T>(this Task<T> task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <inheritdoc cref="OrFail{T}(Task{T})"/>
    public static Task OrFail(this Task task) => task.WaitAsync(Patience, TestContext.Current.CancellationToken);
}
