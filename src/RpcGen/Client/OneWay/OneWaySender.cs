using RpcGen.Client.Calls;
using RpcGen.Client.Probing;
using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.OneWay;

/// <summary>
/// Sends requests without a reply: waits for a link, publishes, and takes the publisher confirm as the outcome. Calls that
/// wait for a reply use another channel, without confirms. Thread-safe.
/// </summary>
internal sealed class OneWaySender(PublisherPool publishers, CallLinks callLinks, QueueProbe probe, OneWayFailures failures, RpcEnvironment environment) : IAsyncDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _disposed = new();
    private int _sending;

    /// <summary>Whether a request waits for a connection or its publisher confirm.</summary>
    public bool IsSending => Volatile.Read(ref _sending) > 0;

    /// <summary>Completes when the broker has the request or, for a method without confirms, when it is on its way.</summary>
    /// <exception cref="ObjectDisposedException">The connection was disposed before.</exception>
    /// <exception cref="RpcException">The request could not be sent, or its outcome is unknown.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public async ValueTask SendAsync(OneWayRequest request, bool failFast, CancellationToken cancellationToken)
    {
        // Handlers can send until the servers have stopped; other callers only until the connection begins to close.
        CancellationToken closed = RpcCallContext.Current is null ? _closing.Token : _disposed.Token;
        if (closed.IsCancellationRequested)
        {
            throw CallExceptions.ConnectionDisposed();
        }

        using var deadline = new CancellationTokenSource(request.Timeout, environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, closed, cancellationToken);
        Interlocked.Increment(ref _sending);
        try
        {
            if (failFast && !request.Method.IsBroadcast)
            {
                await ThrowIfUnservedAsync(request, either.Token).ConfigureAwait(false);
            }

            while (!await TrySendAsync(request, either.Token).ConfigureAwait(false))
            {
                await Task.Delay(CallSender.ResendPause, environment.Time, either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw closed.IsCancellationRequested || e is ObjectDisposedException ? failures.Disposed(request) : failures.TimedOut(request, publishers.UnavailableReason);
        }
        finally
        {
            Interlocked.Decrement(ref _sending);
        }
    }

    /// <summary>Ends what is being sent and accepts no more, except from handlers: theirs goes on until <see cref="DisposeAsync"/>.</summary>
    /// <remarks>Does not wait: the continuations of callers run on other threads and must not hold up the disposal.</remarks>
    public void Close() => _ = _closing.CancelAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Close();
        await _disposed.CancelAsync().ConfigureAwait(false);
        await publishers.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Makes one attempt.</summary>
    /// <returns>False if another attempt can succeed and is allowed.</returns>
    private async Task<bool> TrySendAsync(OneWayRequest request, CancellationToken cancellationToken)
    {
        try
        {
            PublishOutcome outcome = request.IsConfirmed
                ? await PublishAsync(request, cancellationToken).ConfigureAwait(false)
                : await PublishUnconfirmedAsync(request, cancellationToken).ConfigureAwait(false);
            return outcome.Result switch
            {
                PublishResult.Confirmed => true,
                PublishResult.Refused => throw await CreateRefusalAsync(request, cancellationToken).ConfigureAwait(false),
                _ => await RetryReturnedAsync(request, outcome.Reason, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (Exception e) when (callLinks.MessageLimit.TryLearn(e) && request.Body.Length > callLinks.MessageLimit.MaxBytes)
        {
            request.UndoAttempt();
            throw CallExceptions.TooLargeForBroker(new CallIdentity(request.Method.Name, request.Id.ToString(), request.Route.Queue), request.Body.Length, callLinks.MessageLimit.MaxBytes, request.Attempts);
        }
        catch (ExchangeMissingException e)
        {
            return await RetryReturnedAsync(request, e.Message, cancellationToken).ConfigureAwait(false);
        }
        catch (PublishDeniedException e)
        {
            publishers.NoteRefusal(request.Route.Exchange, e.Refusal);
            if (e.ReachedNobody)
            {
                request.UndoAttempt();
            }

            throw failures.Denied(request, e.Refusal); // another attempt would be refused as well
        }
        catch (TransportClosedException e) when (e.NothingSent)
        {
            request.UndoAttempt();
            return false;
        }
        catch (ArgumentException e)
        {
            throw OneWayFailures.Unsendable(request, e);
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (!request.Method.IsIdempotent)
            {
                throw failures.Lost(request, e);
            }

            RpcMetrics.CallsResent.Add(1, RpcMetrics.Method(request.Label));
            return false;
        }
    }

    private async Task<PublishOutcome> PublishAsync(OneWayRequest request, CancellationToken cancellationToken)
    {
        if (publishers.FindRefusal(request.Route.Exchange) is { } refusal)
        {
            throw failures.Denied(request, refusal);
        }

        PublisherLink link = await publishers.GetAsync(request.Route.Exchange, cancellationToken).ConfigureAwait(false);
        request.BeginAttempt();
        return await link.PublishAsync(request.ToMessage(environment.Time.GetUtcNow(), link.UserName), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Publishes on the channel of calls, so that the request keeps its order among them.</summary>
    private async Task<PublishOutcome> PublishUnconfirmedAsync(OneWayRequest request, CancellationToken cancellationToken)
    {
        await publishers.GetConnectionAsync(cancellationToken).ConfigureAwait(false);
        CallLink link = await callLinks.GetAsync(cancellationToken).ConfigureAwait(false);
        if (await link.Exchanges.FindAsync(request.Route.Exchange, cancellationToken).ConfigureAwait(false) is { } refusal)
        {
            return refusal.Code == AmqpReplyCodes.NotFound ? new PublishOutcome(PublishResult.Returned, refusal.Message) : throw failures.Denied(request, refusal);
        }

        request.BeginAttempt();
        link.Plain.Order.Begin();
        try
        {
            await link.Plain.PublishAsync(request.ToMessage(environment.Time.GetUtcNow(), link.UserName)).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            link.Plain.Order.End();
        }

        return new PublishOutcome(PublishResult.Confirmed);
    }

    private async Task ThrowIfUnservedAsync(OneWayRequest request, CancellationToken cancellationToken)
    {
        QueueReport report = await probe.InspectAsync(request.Route.Queue).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (report.IsUnserved)
        {
            throw failures.NoConsumer(request, report);
        }
    }

    /// <summary>
    /// The queue or exchange does not exist. After an earlier attempt was lost, another one follows: the queue existed then,
    /// and its server will declare it again. Every return is counted, also if another attempt follows.
    /// </summary>
    /// <returns>False: another attempt can succeed.</returns>
    private async ValueTask<bool> RetryReturnedAsync(OneWayRequest request, string? reason, CancellationToken cancellationToken)
    {
        RpcMetrics.CallsReturned.Add(1, RpcMetrics.Method(request.Label));
        if (request.Attempts > 1)
        {
            return false;
        }

        // The broker returns messages to a queue whose node is down, too.
        QueueReport? report = request.Method.IsBroadcast ? null : await probe.InspectAsync(request.Route.Queue).WaitAsync(cancellationToken).ConfigureAwait(false);
        throw failures.NoQueue(request, reason, report?.Unreachable);
    }

    /// <summary>A queue refuses messages if it is full. Later brokers say the same of a queue whose node is down.</summary>
    private async ValueTask<RpcUnavailableException> CreateRefusalAsync(OneWayRequest request, CancellationToken cancellationToken)
    {
        RpcMetrics.CallsRefused.Add(1);
        QueueReport? report = request.Method.IsBroadcast ? null : await probe.InspectAsync(request.Route.Queue).WaitAsync(cancellationToken).ConfigureAwait(false);
        return failures.Refused(request, report?.UnreachableAfterRefusal);
    }
}
