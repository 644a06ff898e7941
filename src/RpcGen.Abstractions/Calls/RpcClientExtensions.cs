using RpcGen.Generated;

namespace RpcGen;

/// <summary>Settings for single calls.</summary>
public static class RpcClientExtensions
{
    /// <summary>
    /// Creates a client whose calls have settings of their own. Use it at once or keep it:
    /// <c>await fibonacci.With(timeout: TimeSpan.FromSeconds(2)).FibonacciAsync(30)</c>.
    /// </summary>
    /// <remarks>Thread-safe and cheap: it allocates two small objects. <paramref name="client"/> itself does not change.</remarks>
    /// <typeparam name="T">The contract.</typeparam>
    /// <param name="client">A generated client. Any other implementation, such as a mock, is returned unchanged.</param>
    /// <param name="timeout">The time limit of a call: positive or <see cref="Timeout.InfiniteTimeSpan"/>. Null keeps the client's.</param>
    /// <param name="failFast">Whether a call fails at once if the queue has no consumer. Null keeps the client's setting.</param>
    /// <param name="metadata">
    /// Metadata that is sent with the request, for <see cref="RpcCallContext.Metadata"/> of the handler:
    /// <c>metadata: new() { ["tenant"] = "acme" }</c>. Its entries are copied, and added to those that
    /// <paramref name="client"/> has from an earlier <c>With</c>.
    /// </param>
    /// <param name="replyMetadata">
    /// Receives what the handler puts into <see cref="RpcCallContext.ReplyMetadata"/>, whether the call succeeds or fails. It
    /// is cleared when a call starts and filled before the call's task completes. Calls that overlap need one each. Null
    /// keeps the client's.
    /// </param>
    /// <param name="priority">
    /// The priority of requests, in queues with priorities (<c>x-max-priority</c>): higher ones are delivered first. Null
    /// keeps the method's.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is zero, negative, or above 49 days.</exception>
    /// <exception cref="ArgumentException">All metadata together exceeds <see cref="RpcMetadata.MaxBytes"/>.</exception>
    public static T With<T>(this T client, TimeSpan? timeout = null, bool? failFast = null, RpcMetadata? metadata = null, RpcMetadata? replyMetadata = null, byte? priority = null)
        where T : class, IRpcContract<T>
    {
        ArgumentNullException.ThrowIfNull(client);
        RpcTimeouts.ThrowIfInvalid(timeout, nameof(timeout));
        return client is RpcClientBase proxy ? (T)(object)proxy.With(Merge(proxy.Settings, timeout, failFast, metadata, replyMetadata, priority)) : client;
    }

    /// <summary>Creates a client whose calls have settings of their own, given as an object.</summary>
    /// <remarks>
    /// Thread-safe and cheap: it allocates two small objects. <paramref name="client"/> itself does not change. A setting that
    /// is null keeps the client's; metadata is copied, and added to what <paramref name="client"/> has from an earlier <c>With</c>.
    /// </remarks>
    /// <typeparam name="T">The contract.</typeparam>
    /// <param name="client">A generated client. Any other implementation, such as a mock, is returned unchanged.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="RpcCallOptions.Timeout"/> is zero, negative, or above 49 days.</exception>
    /// <exception cref="ArgumentException">All metadata together exceeds <see cref="RpcMetadata.MaxBytes"/>.</exception>
    public static T With<T>(this T client, RpcCallOptions options)
        where T : class, IRpcContract<T>
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        RpcTimeouts.ThrowIfInvalid(options.Timeout, nameof(options.Timeout));
        return client is RpcClientBase proxy
            ? (T)(object)proxy.With(Merge(proxy.Settings, options.Timeout, options.FailFast, options.Metadata, options.ReplyMetadata, options.Priority))
            : client;
    }

    private static RpcCallOptions Merge(RpcCallOptions current, TimeSpan? timeout, bool? failFast, RpcMetadata? metadata, RpcMetadata? replyMetadata, byte? priority) => new()
    {
        Timeout = timeout ?? current.Timeout,
        FailFast = failFast ?? current.FailFast,
        Priority = priority ?? current.Priority,
        Metadata = metadata is null ? current.Metadata : new RpcMetadata([.. current.Metadata ?? [], .. metadata]),
        ReplyMetadata = replyMetadata ?? current.ReplyMetadata,
    };
}
