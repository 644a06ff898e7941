namespace RpcGen.Chaos.Faults;

/// <summary>Something that happens for a while.</summary>
/// <param name="Name">What it is.</param>
/// <param name="HappenAsync">Makes it happen; mends it once the task that it is given completes.</param>
internal sealed record Fault(string Name, Func<Task, Task> HappenAsync)
{
    /// <summary>A fault that is over at once.</summary>
    public static Fault Once(string name, Func<Task> act) => new(name, _ => act());

    /// <summary>A fault that is mended.</summary>
    public static Fault For(string name, Func<Task> breakAsync, Func<Task> mendAsync) => new(name, async over =>
    {
        await breakAsync();
        try
        {
            await over;
        }
        finally
        {
            await mendAsync();
        }
    });
}
