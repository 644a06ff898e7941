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
    /// <param name="priority">
    /// The request's priority, higher ones first, where the queue has priorities (<c>x-max-priority</c>); null leaves it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is zero or negative, or above 49 days.</exception>
    public static T With<T>(this T client, TimeSpan? timeout = null, bool? failFast = null, byte? priority = null)
        where T : class, IRpcContract<T>
    {
        ArgumentNullException.ThrowIfNull(client);
        RpcTimeouts.ThrowIfInvalid(timeout, nameof(timeout));
        if (client is not RpcClientBase proxy)
        {
            return client;
        }

        RpcCallSettings settings = proxy.Settings with
        {
            Timeout = timeout ?? proxy.Settings.Timeout,
            FailFast = failFast ?? proxy.Settings.FailFast,
            Priority = priority ?? proxy.Settings.Priority,
        };
        return (T)(object)proxy.With(settings);
    }
}
