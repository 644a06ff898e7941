using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Streams.LongCalls;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>
/// The long calls that the servers of this process run: tells callers who runs their calls, learns which calls are waited for, and sends outcomes, if need
/// be more than once. Thread-safe.
/// </summary>
/// <param name="links">The connection on which the peers watch each other.</param>
/// <param name="environment">The clock, randomness and the log.</param>
internal sealed class ServedLongCalls(StreamLinks links, RpcEnvironment environment) : IDisposable
{
    private readonly ServedTable _table = new(environment.Time);
    private readonly Lock _gate = new();
    private readonly BeatTimer _timer = new(links.Settings.Beat, environment.Time);
    private readonly SecretNames _names = new(environment.Random);
    private volatile bool _isAny;

    /// <summary>Whether there are such calls.</summary>
    public bool IsAny => _isAny;

    /// <summary>How many such calls there are; those that have ended count until the next beat.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _table.Count;
            }
        }
    }

    /// <summary>How often this process says that it is alive.</summary>
    public TimeSpan Beat => links.Settings.Beat;

    /// <summary>Tells the caller of a call who runs it. Never throws.</summary>
    public async Task AnnounceAsync(ServedLongCall call)
    {
        lock (_gate)
        {
            if (!_table.TryAnnounce(call))
            {
                return;
            }

            _isAny = true;
            _timer.Start(OnTick);
        }

        try
        {
            // Without a link, the call is announced when one opens.
            await SendOpenAsync(await links.GetAsync(CancellationToken.None).ConfigureAwait(false), call).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The process ends.
        }
    }

    /// <summary>A caller says which calls it waits for.</summary>
    /// <exception cref="Exception">The message cannot be read.</exception>
    public void OnWaiting(StreamLink link, in IncomingMessage message)
    {
        if (!IsAddress(message.ReplyTo, out string queue))
        {
            return;
        }

        WaitingBody body = LongCallBodies.ReadWaiting(message.Body);
        WaitingOutcome outcome;
        LongCallName[] answered = [];
        bool hasNews;
        lock (_gate)
        {
            outcome = _table.OnWaiting(queue, body, call => _names.NameFor(call.Name.ReplyTo), environment.Time.GetTimestamp());
            hasNews = outcome.Adopted.Count > 0 || outcome.Unknown.Count > 0 || outcome.HasMoved;
            if (outcome.Caller is { } caller)
            {
                answered = _table.CallsOf(caller);
                caller.ToldFrom = hasNews ? link.Queue : caller.ToldFrom;
            }
        }

        if (hasNews)
        {
            _ = SendRunningAsync(link, queue, outcome.Caller?.OwnInstance ?? _names.NameFor(body.Calls[0].Name.ReplyTo), body.Number, answered, outcome.Unknown);
        }

        outcome.Adopted.ForEach(static call => call.OnAdopted());
        outcome.Unwanted.ForEach(static call => call.OnUnwanted("its caller does not wait for it any more"));
        outcome.Unsent.ForEach(call => _ = SendReplyAsync(link, call));
    }

    /// <summary>A caller that has lost this process says from which queue it speaks now, to all instances of a service.</summary>
    public void OnMoved(in IncomingMessage message)
    {
        if (!_isAny || links.Current is not { } link || !IsAddress(message.ReplyTo, out string queue) || message.CorrelationId is not { Length: > 0 } instance)
        {
            return;
        }

        LongPeer? caller;
        LongCallName[] answered;
        long number;
        lock (_gate)
        {
            caller = _table.OnMoved(instance, queue, environment.Time.GetTimestamp());
            number = caller?.LastNumber ?? 0;
            answered = caller is null ? [] : _table.CallsOf(caller);
        }

        if (caller is not null)
        {
            _ = SendRunningAsync(link, queue, caller.OwnInstance, number, answered, []);
        }
    }

    /// <summary>A call has its outcome: sends it to the caller, now or when it is connected again. Never throws.</summary>
    /// <param name="call">The call, which was taken over.</param>
    /// <param name="reply">The outcome.</param>
    public Task CompleteAsync(ServedLongCall call, LongReply reply)
    {
        bool canSend;
        lock (_gate)
        {
            canSend = _table.Complete(call, reply);
        }

        return canSend && links.Current is { } link ? SendReplyAsync(link, call) : Task.CompletedTask;
    }

    /// <summary>A message came back.</summary>
    public void OnReturned(string queue, CorrelationId id)
    {
        if (!_isAny)
        {
            return;
        }

        ServedLongCall? orphan;
        lock (_gate)
        {
            orphan = _table.OnReturned(new LongCallName(id.Normalize(), queue));
        }

        orphan?.OnUnwanted("its caller is gone");
    }

    /// <summary>Cancels a call for its caller. False if it is not a long call that was taken over.</summary>
    public bool TryCancel(string replyTo, CorrelationId id)
    {
        if (!_isAny)
        {
            return false;
        }

        ServedLongCall? call;
        lock (_gate)
        {
            call = _table.Find(new LongCallName(id.Normalize(), replyTo));
        }

        call?.OnUnwanted("its caller has cancelled it");
        return call is not null;
    }

    /// <summary>This process speaks from a new queue: tells all callers, and sends what may have been lost.</summary>
    public void OnLinkOpened(StreamLink link)
    {
        if (!_isAny)
        {
            return;
        }

        List<ServedLongCall> unsent;
        ServedLongCall[] announced;
        lock (_gate)
        {
            unsent = _table.OnReconnected(environment.Time.GetTimestamp());
            announced = [.. _table.Announced];
        }

        _ = ReportAsync(link, caller => caller.ToldFrom != link.Queue); // a call can have been announced, and taken over, before this is called
        unsent.ForEach(call => _ = SendReplyAsync(link, call));
        Array.ForEach(announced, call => _ = SendOpenAsync(link, call));
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void OnTick(bool isLate)
    {
        StreamLink? link = links.Current;
        bool isDeaf = isLate || link is not { BlockedReason: null };
        List<ServedLongCall> unwanted;
        lock (_gate)
        {
            unwanted = _table.Tick(environment.Time.GetTimestamp(), isDeaf);
            if (_table.Count == 0)
            {
                _isAny = false;
                _timer.Stop();
            }
        }

        unwanted.ForEach(static call => call.OnUnwanted("nothing was heard of its caller"));
        if (link is not null && _isAny)
        {
            _ = ReportAsync(link, static _ => true);
        }
    }

    private async Task ReportAsync(StreamLink link, Predicate<LongPeer> isTold)
    {
        var reports = new List<(string Queue, string Instance, long Number, LongCallName[] Calls)>();
        lock (_gate)
        {
            foreach ((LongPeer caller, LongCallName[] calls) in _table.Report().Where(report => isTold(report.Caller)))
            {
                caller.ToldFrom = link.Queue;
                reports.Add((caller.Queue, caller.OwnInstance, caller.LastNumber, calls));
            }
        }

        foreach ((string queue, string instance, long number, LongCallName[] calls) in reports)
        {
            await SendRunningAsync(link, queue, instance, number, calls, []).ConfigureAwait(false);
        }
    }

    /// <summary>Announces a call, unless that was done from this link.</summary>
    private Task<bool> SendOpenAsync(StreamLink link, ServedLongCall call)
    {
        lock (_gate)
        {
            if (call.AnnouncedFrom == link.Queue)
            {
                return Task.FromResult(true);
            }

            call.AnnouncedFrom = link.Queue;
        }

        return SendAsync(link, link.To(call.Name.ReplyTo, StreamMessageKinds.Open, call.WireId, LongCallBodies.WriteOpen(Beat, _names.NameFor(call.Name.ReplyTo), call.Run)));
    }

    private Task<bool> SendRunningAsync(StreamLink link, string queue, string instance, long number, LongCallName[] calls, List<CorrelationId> unknown) =>
        SendAsync(link, link.To(queue, StreamMessageKinds.Running, default, LongCallBodies.WriteRunning(Beat, instance, number, calls.Select(static call => call.Id), unknown)));

    private async Task SendReplyAsync(StreamLink link, ServedLongCall call)
    {
        string? queue;
        lock (_gate)
        {
            queue = _table.BeginSending(call);
        }

        if (queue is not null && call.Reply is { } reply &&
            !await SendAsync(link, link.To(queue, reply.Type, call.WireId, reply.Body) with { Headers = reply.Headers }).ConfigureAwait(false))
        {
            await SendAsync(link, link.To(queue, WireNames.Fault, call.WireId, LongFaults.Unsendable())).ConfigureAwait(false);
        }
    }

    /// <summary>Publishes a message. False if it has no form in AMQP. If the link is lost, the next one repeats it.</summary>
    private async Task<bool> SendAsync(StreamLink link, OutgoingMessage message)
    {
        try
        {
            await link.TryPublishAsync(message).ConfigureAwait(false);
            return true;
        }
        catch (ArgumentException e)
        {
            Log.StreamMessageDropped(GuardedLogger.Guard(environment.Log), message.Type, message.CorrelationId.ToString(), e.Message);
            return false;
        }
    }

    /// <summary>Whether a queue is one that callers have: other queues take messages for requests.</summary>
    private static bool IsAddress(string? replyTo, out string queue)
    {
        queue = replyTo ?? "";
        return queue.StartsWith(WireNames.CallbackQueuePrefix, StringComparison.Ordinal);
    }
}
