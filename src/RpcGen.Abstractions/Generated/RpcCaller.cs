using System.ComponentModel;

namespace RpcGen.Generated;

/// <summary>Calls one method. Thread-safe.</summary>
/// <typeparam name="TArguments">The method's arguments.</typeparam>
/// <typeparam name="TResult">The method's result.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcCaller<TArguments, TResult>
    where TArguments : struct
{
    /// <summary>Calls the method and returns its result. The task must be awaited at most once.</summary>
    public abstract ValueTask<TResult> CallAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken);

    /// <summary>Calls a method that returns nothing. The task must be awaited at most once.</summary>
    public abstract ValueTask CallVoidAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken);
}
