using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>Attempts to open an object, once or until an attempt succeeds. Used by one thread at a time.</summary>
/// <typeparam name="T">The type of the object.</typeparam>
/// <param name="name">What is opened, for logs.</param>
/// <param name="open">Opens the object.</param>
/// <param name="environment">Time, randomness and log.</param>
/// <param name="stopping">Ends the attempts.</param>
internal sealed class OpeningAttempts<T>(
    string name, Func<CancellationToken, Task<T>> open, RpcEnvironment environment, CancellationToken stopping)
    where T : class, IClosable
{
    private readonly Backoff _backoff = new(environment.Random);

    /// <summary>Called after each failed attempt of <see cref="RepeatAsync"/>, with the reason as a clause for messages.</summary>
    public required Action<Exception, string> OnFailed { get; init; }

    /// <summary>Whether no further attempt follows a failure of <see cref="RepeatAsync"/>.</summary>
    public required Predicate<Exception> IsFinal { get; init; }

    /// <summary>Starts again with the shortest delay.</summary>
    public void RestartBackoff() => _backoff.Reset();

    /// <summary>Makes one attempt, and throws what it throws.</summary>
    public async Task<T> OnceAsync(CancellationToken cancellationToken)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        Task<T> opening;
        using (AmbientFlow.Suppress()) // the object outlives the caller, and must not keep its ambient values
        {
            opening = Task.Run(() => open(attempt.Token), CancellationToken.None);
        }

        return await opening.ConfigureAwait(false);
    }

    /// <summary>Attempts until one succeeds. The first attempt has no delay if nothing was lost before.</summary>
    /// <param name="wasLost">Whether an object was open before.</param>
    /// <returns>The open object, or null after <c>stopping</c> is cancelled or a failure was final.</returns>
    public async Task<T?> RepeatAsync(bool wasLost)
    {
        TimeSpan delay = wasLost ? _backoff.Next() : TimeSpan.Zero;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(delay, environment.Time, stopping).ConfigureAwait(false);
                T opened = await open(stopping).ConfigureAwait(false);
                LogOpened(opened, wasLost);
                return opened;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return null;
            }
#pragma warning disable CA1031 // Any exception: it is logged, and messages of calls show it. The next attempt may succeed.
            catch (Exception e)
#pragma warning restore CA1031
            {
                string reason = e.Message.TrimEnd('.');
                OnFailed(e, reason);
                if (IsFinal(e))
                {
                    return null;
                }

                Log.OpeningFailed(environment.Log, name, reason, IsExplainedByMessage(e) ? null : e);
                delay = _backoff.Next();
            }
        }

        return null;
    }

    private void LogOpened(T opened, bool again)
    {
        string place = opened.Node is { } node ? $"{name}, node {node}," : name;
        if (again)
        {
            Log.Reopened(environment.Log, place);
        }
        else
        {
            Log.Opened(environment.Log, place);
        }
    }

    /// <summary>Whether the message is sufficient without a stack trace for each attempt.</summary>
    private static bool IsExplainedByMessage(Exception exception) =>
        exception is RpcException or TransportClosedException or TransportRefusedException;
}
