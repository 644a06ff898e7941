using RpcGen.Generated;

namespace RpcGen;

/// <summary>Settings for single calls.</summary>
public static class RpcClientExtensions
{
    /// <summary>
    /// A client whose calls have settings of their own, to be used at once or kept:
    /// <c>await fibonacci.With(timeout: TimeSpan.FromSeconds(2)).FibonacciAsync(30)</c>.
    /// </summary>
    /// <remarks>Thread-safe and cheap: one small object. <paramref name="client"/> itself is not changed.</remarks>
    /// <typeparam name="T">The contract.</typeparam>
    /// <param name="client">A generated client. Any other implementation, such as a mock, comes back unchanged.</param>
    /// <param name="timeout">How long a call may take, positive or <see cref="Timeout.InfiniteTimeSpan"/>; null leaves it.</param>
    /// <param name="failFast">Whether a call fails at once when nobody consumes the queue; null leaves it.</param>
    /// <param name="metadata">
    /// What goes with the request beside the arguments, for <see cref="RpcCallContext.Metadata"/> of the handler:
    /// <c>metadata: new() { ["tenant"] = "acme" }</c>. It adds to what <paramref name="client"/> has from an earlier call of
    /// this; null leaves that. It is copied.
    /// </param>
    /// <param name="replyMetadata">
    /// Where what comes with the reply beside the result is put, be it a result or a fault, before the call's task ends:
    /// emptied when a call starts, filled with what its handler said by <see cref="RpcCallContext.ReplyMetadata"/>. Calls that
    /// overlap want one each. Null leaves it.
    /// </param>
    /// <param name="priority">
    /// The request's priority, higher ones first, where the queue has priorities (<c>x-max-priority</c>); null leaves it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is zero or negative, or above 49 days.</exception>
    /// <exception cref="ArgumentException">All metadata together is larger than <see cref="RpcMetadata.MaxBytes"/>.</exception>
    public static T With<T>(this T client, TimeSpan? timeout = null, bool? failFast = null, RpcMetadata? metadata = null, RpcMetadata? replyMetadata = null, byte? priority = null)
        where T : class, IRpcContract<T>
    {
        ArgumentNullException.ThrowIfNull(client);
        RpcTimeouts.ThrowIfInvalid(timeout, nameof(timeout));
        if (client is not RpcClientBase proxy)
        {
            return client;
        }

        RpcCallOptions settings = proxy.Settings with
        {
            Timeout = timeout ?? proxy.Settings.Timeout,
            FailFast = failFast ?? proxy.Settings.FailFast,
            Priority = priority ?? proxy.Settings.Priority,
            Metadata = metadata is null ? proxy.Settings.Metadata : new RpcMetadata([.. proxy.Settings.Metadata ?? [], .. metadata]),
            ReplyMetadata = replyMetadata ?? proxy.Settings.ReplyMetadata,
        };
        return (T)(object)proxy.With(settings);
    }
}
