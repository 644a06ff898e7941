namespace RpcGen.Generated;

/// <summary>The result of a method that has none. On the wire: an empty body.</summary>
public readonly struct RpcVoid
{
    /// <summary>Awaits a method without result.</summary>
    public static async ValueTask<RpcVoid> From(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        await task.ConfigureAwait(false);
        return default;
    }

    /// <summary>Awaits a method without result.</summary>
    public static async ValueTask<RpcVoid> From(ValueTask task)
    {
        await task.ConfigureAwait(false);
        return default;
    }
}
