using System.ComponentModel;

namespace RpcGen.Generated;

/// <summary>Calls one method that returns a stream. Thread-safe.</summary>
/// <typeparam name="TArguments">The method's arguments.</typeparam>
/// <typeparam name="TItem">The type of the items.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RpcStreamCaller<TArguments, TItem>
    where TArguments : struct
{
    /// <summary>Returns the stream. Each enumeration is a call of its own, which starts with the first read.</summary>
    /// <param name="settings">The settings of the call.</param>
    /// <param name="arguments">The arguments. They are checked and written at the first read.</param>
    /// <param name="cancellationToken">Cancels every enumeration, as the token of <c>GetAsyncEnumerator</c> cancels one.</param>
    public abstract IAsyncEnumerable<TItem> Stream(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken);
}
