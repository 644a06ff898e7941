using RpcGen.Client.Calls;
using RpcGen.Client.Cancelling;
using RpcGen.Client.Probing;
using RpcGen.Client.Streaming;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Sends the request that opens a stream, and waits until a server has opened it. Thread-safe.</summary>
internal sealed class StreamOpener<TItem>(CallSession session, StreamLinks links, RpcMethod method, RpcItems<TItem> items, MethodSettings settings)
{
    /// <summary>The pause before a request is sent again.</summary>
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly StreamExceptions _failures = new(session.Settings.Broker);
    private readonly CallExceptions _callFailures = new(session.Settings.Broker, session.Settings.UserName);

    private TimeProvider Time => session.Environment.Time;

    /// <summary>Opens a stream. Requests of idempotent methods are sent again after the loss of the connection or of a server.</summary>
    public async ValueTask<ClientStream<TItem>> OpenAsync(StreamRequest request, CancellationToken cancellationToken)
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

    private async ValueTask<ClientStream<TItem>> OpenOnceAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = StartTimeout(request.Deadline);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        StreamLink? link = null;
        ClientStream<TItem>? stream = null;
        bool hasEarlierAttempts = request.Attempts > 0;
        bool isSent = false;
        try
        {
            link = await links.GetAsync(either.Token).ConfigureAwait(false);
            await CheckRouteAsync(request, link, either.Token).ConfigureAwait(false);
            stream = Create(request, link);
            if (!link.TryAdd(stream))
            {
                throw _failures.Lost(request.Identity, new StreamLoss(StreamLossKind.LinkLost, (await link.Closed.ConfigureAwait(false)).Reason), isOpen: false, items: 0);
            }

            request.Attempts++;
            await link.PublishRequestAsync(CreateMessage(request, link, stream.Window), either.Token).ConfigureAwait(false);
            isSent = true;
            await WaitUntilOpenAsync(request, stream, either.Token).ConfigureAwait(false);
            return stream;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            if (isSent)
            {
                CancelEverywhere(request, link!, stream!);
            }

            throw Fail(stream, cancellationToken.IsCancellationRequested
                ? new OperationCanceledException(cancellationToken)
                : _failures.NotOpened(request.Identity, request.Deadline.Timeout, isSent || hasEarlierAttempts, await DescribeAsync(isSent).ConfigureAwait(false)));
        }
        catch (TransportClosedException e)
        {
            throw Fail(stream, _failures.Lost(request.Identity, new StreamLoss(StreamLossKind.LinkLost, e.Message), isOpen: false, items: 0));
        }
        catch (ObjectDisposedException)
        {
            throw Fail(stream, CallExceptions.ConnectionDisposed());
        }
        catch (ArgumentException e)
        {
            throw Fail(stream, CallExceptions.Unsendable(request.Identity, request.Attempts, e));
        }
        catch (Exception e)
        {
            Fail(stream, e);
            throw;
        }
    }

    private static Exception Fail(ClientStream<TItem>? stream, Exception exception)
    {
        stream?.Dispose();
        return exception;
    }

    private ClientStream<TItem> Create(StreamRequest request, StreamLink link) =>
        new(request.Id, link, method, items, request.Identity, _failures, links.Budget, Time)
        {
            ReplyMetadata = request.ReplyMetadata,
            IsNested = request.IsNested,
            HasEarlierAttempts = request.Attempts > 0,
        };

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
            QueueReport report = await session.Probe.InspectAsync(settings.Route.Queue).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (report.IsUnserved)
            {
                throw _callFailures.NoConsumer(request.Identity, report);
            }
        }
    }

    private OutgoingMessage CreateMessage(StreamRequest request, StreamLink link, long window)
    {
        TimeSpan? total = items.TotalTimeoutMilliseconds > 0 ? TimeSpan.FromMilliseconds(items.TotalTimeoutMilliseconds) : null;
        return new OutgoingMessage
        {
            Exchange = settings.Route.Exchange,
            RoutingKey = settings.Route.RoutingKey,
            IsMandatory = true,
            IsPersistent = false,
            Priority = request.Priority,
            ContentType = new StreamOffer(window, items.WindowItems, links.Settings.Beat, total).ToContentType(),
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

    private async Task WaitUntilOpenAsync(StreamRequest request, ClientStream<TItem> stream, CancellationToken cancellationToken)
    {
        await Task.WhenAny(stream.Opened, stream.Returned.Task).WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!stream.Opened.IsCompleted)
        {
            RpcMetrics.CallsReturned.Add(1, RpcMetrics.Method(settings.Label));
            string reason = await stream.Returned.Task.ConfigureAwait(false);
            if (stream.HasEarlierAttempts)
            {
                // The queue existed at an earlier attempt. Its server declares it again once it is connected again.
                throw _failures.Lost(request.Identity, new StreamLoss(StreamLossKind.PeerGone, $"its queue does not exist any more ({reason})"), isOpen: false, items: 0);
            }

            QueueReport report = await session.Probe.InspectAsync(settings.Route.Queue).WaitAsync(cancellationToken).ConfigureAwait(false);
            throw _callFailures.NoQueue(request.Identity, settings.Route, reason, report);
        }

        await stream.Opened.ConfigureAwait(false);
    }

    /// <summary>No server is known yet: the one that takes the request must not run it.</summary>
    private void CancelEverywhere(StreamRequest request, StreamLink link, ClientStream<TItem> stream)
    {
        if (stream.Peer is null)
        {
            session.Instances.Send(new InstanceMessage(settings.Route.Queue, link.Queue, stream.WireId, ExpirationOf(request.Deadline)));
        }
    }

    private async Task<string> DescribeAsync(bool isSent)
    {
        if (links.Current is not { } link)
        {
            return $"There is no connection for streams: {links.DownReason}.";
        }

        if (link.BlockedReason is { } blocked)
        {
            return $"The broker blocks publishers: {blocked}.";
        }

        QueueReport? report = isSent ? await session.Probe.InspectAsync(settings.Route.Queue).ConfigureAwait(false) : null;
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
