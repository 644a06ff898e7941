namespace RpcGen.Chaos.Faults;

/// <summary>Something that happens for a while.</summary>
/// <param name="Name">What it is.</param>
/// <param name="HappenAsync">Makes it happen, and ends it once the given task completes.</param>
internal sealed record Fault(string Name, Func<Task, Task> HappenAsync)
{
    /// <summary>A fault that is over at once.</summary>
    public static Fault Once(string name, Func<Task> act) => new(name, _ => act());

    /// <summary>A fault that lasts for a while.</summary>
    public static Fault For(string name, Func<Task> breakAsync, Func<Task> endAsync) => new(name, async over =>
    {
        await breakAsync();
        try
        {
            await over;
        }
        finally
        {
            await endAsync();
        }
    });
}
