using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// Sends requests that nobody waits for an answer to, from top to bottom: waits for a way, publishes, and takes the broker's
/// word for the outcome. Apart from calls, whose channel does without confirms.
/// </summary>
internal sealed class OneWaySender(PublisherPool publishers, Func<CancellationToken, Task<CallLink>> callLink, QueueProbe probe, RpcEnvironment environment) : IAsyncDisposable
{
    /// <summary>A queue that was there before the connection was lost may have to be declared again by its server.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Completes when the broker has the request or, for a method that does not want to know, when it is on its way.</summary>
    /// <exception cref="ObjectDisposedException">The client is disposed.</exception>
    /// <exception cref="RpcException">It could not be sent, or its outcome is unknown.</exception>
    public async ValueTask SendAsync(OneWayRequest request, bool failFast, CancellationToken cancellationToken)
    {
        CancellationToken disposed = RpcCallContext.Current is null ? _closing.Token : _closed.Token;
        ObjectDisposedException.ThrowIf(disposed.IsCancellationRequested, typeof(RpcConnection));
        using var deadline = new CancellationTokenSource(request.Timeout, environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, disposed, cancellationToken);
        try
        {
            if (failFast && !request.Method.IsBroadcast)
            {
                await ThrowIfUnservedAsync(request, either.Token).ConfigureAwait(false);
            }

            while (!await TrySendAsync(request, either.Token).ConfigureAwait(false))
            {
                await Task.Delay(Pause, environment.Time, either.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw disposed.IsCancellationRequested || e is ObjectDisposedException ? request.Disposed() : request.TimedOut(publishers.Trouble);
        }
    }

    /// <summary>Ends what is under way, and takes no more; what handlers send may end until <see cref="DisposeAsync"/>.</summary>
    /// <remarks>Those who wait go on on other threads: what they do must not hold up whoever closes.</remarks>
    public void Close() => _ = _closing.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        Close();
        await _closed.CancelAsync().ConfigureAwait(false);
        await publishers.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>One attempt; false where the next one may succeed.</summary>
    private async Task<bool> TrySendAsync(OneWayRequest request, CancellationToken cancellationToken)
    {
        try
        {
            PublishOutcome outcome = request.Method.IsConfirmed || request.Method.IsBroadcast
                ? await PublishAsync(request, cancellationToken).ConfigureAwait(false)
                : await PublishUnconfirmedAsync(request, cancellationToken).ConfigureAwait(false);
            return outcome.Result switch
            {
                PublishResult.Confirmed => true,
                PublishResult.Refused => throw Count(RpcMetrics.CallsRefused, request.Refused()),
                _ when request.Sendings > 1 => false, // its queue was there, and its server will be again
                _ => throw Count(RpcMetrics.CallsReturned, request.Unserved(outcome.Reason)),
            };
        }
        catch (ExchangeMissingException e)
        {
            return request.Sendings > 1 ? false : throw Count(RpcMetrics.CallsReturned, request.Unserved(e.Message));
        }
        catch (TransportClosedException e) when (e.NothingSent)
        {
            request.Sendings--;
            return false;
        }
        catch (ArgumentException e)
        {
            throw request.Unsendable(e); // headers that are larger than the broker's frames
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            if (!request.Method.IsIdempotent)
            {
                throw request.Lost(e);
            }

            RpcMetrics.CallsResent.Add(1);
            return false;
        }
    }

    private async Task<PublishOutcome> PublishAsync(OneWayRequest request, CancellationToken cancellationToken)
    {
        PublisherLink link = await publishers.GetAsync(request.Exchange, cancellationToken).ConfigureAwait(false);
        request.Sendings++;
        return await link.PublishAsync(request.ToMessage(isMandatory: true, environment.Time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>On the channel of calls, so that it keeps its place among them.</summary>
    private async Task<PublishOutcome> PublishUnconfirmedAsync(OneWayRequest request, CancellationToken cancellationToken)
    {
        await publishers.GetConnectionAsync(cancellationToken).ConfigureAwait(false);
        CallLink link = await callLink(cancellationToken).ConfigureAwait(false);
        request.Sendings++;
        await link.PublishAsync(request.ToMessage(isMandatory: false, environment.Time.GetUtcNow())).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        return new PublishOutcome(PublishResult.Confirmed);
    }

    private async Task ThrowIfUnservedAsync(OneWayRequest request, CancellationToken cancellationToken)
    {
        QueueReport report = await probe.InspectAsync(request.Queue).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (report is { IsKnown: true, State.Consumers: 0 })
        {
            throw request.Unattended(report);
        }
    }

    private static RpcUnavailableException Count(System.Diagnostics.Metrics.Counter<long> counter, RpcUnavailableException exception)
    {
        counter.Add(1);
        return exception;
    }
}
