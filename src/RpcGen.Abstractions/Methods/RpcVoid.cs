using System.ComponentModel;

namespace RpcGen;

/// <summary>The result of a method that returns nothing, as interceptors see it. On the wire it is an empty body.</summary>
public readonly struct RpcVoid
{
    /// <summary>Awaits a method that returns nothing. Called by generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static async ValueTask<RpcVoid> From(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        await task.ConfigureAwait(false);
        return default;
    }

    /// <inheritdoc cref="From(Task)"/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static async ValueTask<RpcVoid> From(ValueTask task)
    {
        await task.ConfigureAwait(false);
        return default;
    }
}
