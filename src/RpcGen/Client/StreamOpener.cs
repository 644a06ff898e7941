using RpcGen.Client.Calls;
using RpcGen.Client.Cancelling;
using RpcGen.Client.Probing;
using RpcGen.Client.Streaming;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Sends the request of a call with streams, and waits until a server has it. Thread-safe.</summary>
/// <param name="session">The calls of the connection.</param>
/// <param name="links">The streams of the connection.</param>
/// <param name="method">The method.</param>
/// <param name="limits">The limits of its streams.</param>
/// <param name="settings">Defaults for calls that set nothing themselves.</param>
/// <param name="create">Creates the call on a link.</param>
internal sealed class StreamOpener<TCall>(
    CallSession session, StreamLinks links, RpcMethod method, RpcItems limits, MethodSettings settings, Func<StreamRequest, StreamLink, StreamExceptions, TCall> create)
    where TCall : StreamingCall
{
    /// <summary>The pause before a request is sent again.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly StreamExceptions _failures = new(session.Settings.Broker);
    private readonly CallExceptions _callFailures = new(session.Settings.Broker, session.Settings.UserName);

    private TimeProvider Time => session.Environment.Time;

    /// <summary>Creates the exceptions of the calls.</summary>
    public StreamExceptions Failures => _failures;

    /// <summary>Makes a call. Requests of idempotent methods are sent again after the loss of the connection or of a server.</summary>
    public async ValueTask<TCall> OpenAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await OpenOnceAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcConnectionException e) when (method.IsIdempotent && !e.IsPermanent && e.InnerException is null && !IsOver(request))
            {
                RpcMetrics.CallsResent.Add(1, RpcMetrics.Method(settings.Label));
                await Task.Delay(RetryPause, Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private bool IsOver(StreamRequest request) => request.Deadline.Timestamp <= Time.GetTimestamp();

    private async ValueTask<TCall> OpenOnceAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = StartTimeout(request.Deadline);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        StreamLink? link = null;
        TCall? call = null;
        bool hasEarlierAttempts = request.Attempts > 0;
        bool isSent = false;
        bool isOpen = false;
        try
        {
            link = await links.GetAsync(either.Token).ConfigureAwait(false);
            await CheckRouteAsync(request, link, either.Token).ConfigureAwait(false);
            call = Create(request, link);
            if (!link.TryAdd(call))
            {
                throw _failures.Lost(request.Identity, new StreamLoss(StreamLossKind.LinkLost, (await link.Closed.ConfigureAwait(false)).Reason), isOpen: false, items: null);
            }

            request.Attempts++;
            await link.PublishRequestAsync(CreateMessage(request, link, call.Window), either.Token).ConfigureAwait(false);
            isSent = true;
            await WaitUntilOpenAsync(request, call, either.Token).ConfigureAwait(false);
            isOpen = true;
            return call;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            if (isSent)
            {
                CancelEverywhere(request, link!, call!);
            }

            throw cancellationToken.IsCancellationRequested
                ? new OperationCanceledException(cancellationToken)
                : _failures.NotOpened(request.Identity, request.Deadline.Timeout, isSent || hasEarlierAttempts, Describe(isSent));
        }
        catch (TransportClosedException e)
        {
            throw _failures.Lost(request.Identity, new StreamLoss(StreamLossKind.LinkLost, e.Message), isOpen: false, items: null);
        }
        catch (ObjectDisposedException)
        {
            throw CallExceptions.ConnectionDisposed();
        }
        catch (ArgumentException e)
        {
            throw CallExceptions.Unsendable(request.Identity, request.Attempts, e);
        }
        finally
        {
            if (!isOpen && call is not null)
            {
                call.Dispose();
                await call.StopUploadsAsync().ConfigureAwait(false);
            }
        }
    }

    private TCall Create(StreamRequest request, StreamLink link)
    {
        TCall call = create(request, link, _failures);
        if (request.Offer is not { } offer)
        {
            return call;
        }

        call.Uploads = new Uploads(link, links, call, call);
        try
        {
            offer(call.Uploads);
            return call;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    /// <exception cref="RpcProtocolException">The request exceeds the broker's limit: it would close the channel, and with it all streams.</exception>
    /// <exception cref="RpcAccessDeniedException">The connection's user cannot publish to the exchange.</exception>
    /// <exception cref="RpcUnavailableException">There is no such exchange, or nobody consumes the queue and the call fails fast.</exception>
    private async Task CheckRouteAsync(StreamRequest request, StreamLink link, CancellationToken cancellationToken)
    {
        if (request.Body.Length > links.Limit.MaxBytes)
        {
            throw CallExceptions.TooLargeForBroker(request.Identity, request.Body.Length, links.Limit.MaxBytes, request.Attempts);
        }

        if (await link.FindRefusalAsync(settings.Route.Exchange, cancellationToken).ConfigureAwait(false) is { } refusal)
        {
            throw _callFailures.Refused(request.Identity, settings.Route, request.Attempts, refusal);
        }

        if (request.FailFast && request.Attempts == 0)
        {
            QueueReport report = await InspectAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (report.IsUnserved)
            {
                throw _callFailures.NoConsumer(request.Identity, report);
            }
        }
    }

    private OutgoingMessage CreateMessage(StreamRequest request, StreamLink link, long window)
    {
        TimeSpan? total = limits.TotalTimeoutMilliseconds > 0 ? TimeSpan.FromMilliseconds(limits.TotalTimeoutMilliseconds) : null;
        return new OutgoingMessage
        {
            Exchange = settings.Route.Exchange,
            RoutingKey = settings.Route.RoutingKey,
            IsMandatory = true,
            IsPersistent = false,
            Priority = request.Priority,
            ContentType = new StreamOffer(window, method.IsStream ? limits.WindowItems : 0, links.Settings.Beat, total).ToContentType(),
            Type = method.Name,
            CorrelationId = request.Id,
            ReplyTo = link.Queue,
            Expiration = ExpirationOf(request.Deadline),
            Timestamp = Time.GetUtcNow().ToUnixTimeSeconds(),
            UserId = session.Settings.SendsUser ? link.UserName : null,
            Headers = request.Headers,
            Body = request.Body,
        };
    }

    private async Task WaitUntilOpenAsync(StreamRequest request, TCall call, CancellationToken cancellationToken)
    {
        using ITimer? lookUp = LookUpBefore(request.Deadline);
        await Task.WhenAny(call.Opened, call.Returned.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!call.Opened.IsCompleted)
        {
            RpcMetrics.CallsReturned.Add(1, RpcMetrics.Method(settings.Label));
            string reason = await call.Returned.Task.ConfigureAwait(false);
            if (call.HasEarlierAttempts)
            {
                // The queue existed at an earlier attempt. Its server declares it again once it is connected again.
                throw _failures.Lost(request.Identity, new StreamLoss(StreamLossKind.PeerGone, $"its queue does not exist any more ({reason})"), isOpen: false, items: null);
            }

            QueueReport report = await InspectAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            throw _callFailures.NoQueue(request.Identity, settings.Route, reason, report);
        }

        await call.Opened.ConfigureAwait(false);
    }

    /// <summary>No server is known yet: the one that takes the request must not run it.</summary>
    private void CancelEverywhere(StreamRequest request, StreamLink link, TCall call)
    {
        if (call.Peer is null)
        {
            session.Instances.Send(new InstanceMessage(settings.Route.Queue, link.Queue, call.WireId, ExpirationOf(request.Deadline)));
        }
    }

    /// <summary>Inspects the queue shortly before the deadline, so that the message of a timeout can say why no server has the call. The timeout itself waits for nothing.</summary>
    private ITimer? LookUpBefore(CallDeadline deadline)
    {
        if (deadline.Timestamp == long.MaxValue)
        {
            return null;
        }

        TimeSpan wait = Time.GetElapsedTime(Time.GetTimestamp(), deadline.Timestamp) - DeadlineTimer.LeadOf(deadline.Timeout);
        using (AmbientFlow.Suppress())
        {
            return Time.CreateTimer(
                static opener => _ = ((StreamOpener<TCall>)opener!).InspectAsync(), this, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private Task<QueueReport> InspectAsync() => session.Probe.InspectAsync(settings.Route.Queue);

    private string Describe(bool isSent)
    {
        if (links.Current is not { } link)
        {
            return $"There is no connection for streams: {links.DownReason}.";
        }

        if (link.BlockedReason is { } blocked)
        {
            return $"The broker blocks publishers: {blocked}.";
        }

        QueueReport? report = isSent ? session.Probe.Latest(settings.Route.Queue) : null;
        return report is null ? "" : $"{char.ToUpperInvariant(report.Describe(settings.Route.Queue)[0])}{report.Describe(settings.Route.Queue)[1..]}.";
    }

    private long ExpirationOf(CallDeadline deadline)
    {
        if (deadline.Timestamp == long.MaxValue)
        {
            return 0;
        }

        TimeSpan left = Time.GetElapsedTime(Time.GetTimestamp(), deadline.Timestamp);
        return Math.Max(1, (long)Math.Ceiling(left.TotalMilliseconds));
    }

    private CancellationTokenSource StartTimeout(CallDeadline deadline)
    {
        if (deadline.Timestamp == long.MaxValue)
        {
            return new CancellationTokenSource();
        }

        TimeSpan left = Time.GetElapsedTime(Time.GetTimestamp(), deadline.Timestamp);
        return new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, Time);
    }
}
