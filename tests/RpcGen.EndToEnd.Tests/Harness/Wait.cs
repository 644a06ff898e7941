namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>Waits for events. The bound is generous: an event that exceeds it never happens.</summary>
public static class Wait
{
    /// <summary>The bound for expected events.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Polls until a condition is true.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var bound = new CancellationTokenSource(Bound);
        while (!await condition())
        {
            Assert.False(bound.IsCancellationRequested, $"After {Bound.TotalSeconds} s this had not happened: {what}.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    /// <summary>Awaits the task within the bound.</summary>
    public static Task<T> OrFail<T>(this Task<T> task) => task.WaitAsync(Bound, TestContext.Current.CancellationToken);

    /// <inheritdoc cref="OrFail{T}(Task{T})"/>
    public static Task OrFail(this Task task) => task.WaitAsync(Bound, TestContext.Current.CancellationToken);
}
