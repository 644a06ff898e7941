using RpcGen.Client.Confirming;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>One call, from its start until its caller has the outcome. The outcome itself goes to its receiver.</summary>
/// <param name="events">Decides what each event means for a call.</param>
/// <param name="receiver">Receives the outcomes of this object's calls.</param>
/// <param name="table">Gives the object its slot.</param>
/// <param name="time">The clock.</param>
internal sealed class PendingCall(ICallEvents events, IReplyReceiver receiver, SlotTable<PendingMessage> table, TimeProvider time)
    : PendingMessage(table, time)
{
    private CancellationTokenRegistration _cancellation;

    /// <summary>The method that is called.</summary>
    public RpcMethod Method { get; private set; } = null!;

    /// <summary>Where the request goes.</summary>
    public RequestRoute Route { get; private set; } = null!;

    /// <summary>Learns from replies whether the method's calls can be batched; null if they never are.</summary>
    public IBatchFeedback? Batching { get; private set; }

    /// <summary>The ticket of the batcher's message that the call travels in; 0 if it travels without the batcher.</summary>
    public long BatchTicket { get; set; }

    /// <summary>Who makes the call.</summary>
    public CallOrigin Origin { get; private set; }

    /// <summary>The request's priority; 0 for none.</summary>
    public byte Priority { get; set; }

    /// <summary>The request's headers, except <see cref="TraceParent"/>; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? Headers { get; set; }

    /// <summary>The call's span (W3C Trace Context); null without tracing.</summary>
    public string? TraceParent { get; set; }

    /// <summary>Receives the reply's metadata; null if the caller does not want it.</summary>
    public RpcMetadata? ReplyMetadata { get; set; }

    /// <summary>The method's name in telemetry. Set before the call is submitted.</summary>
    public CallLabel Label { get; set; } = null!;

    /// <summary>The call's span and measurement; null without a listener.</summary>
    public ClientObservation? Observation { get; set; }

    /// <summary>The limit that the call counts for; null for none.</summary>
    public CallQuota? Quota { get; set; }

    /// <summary>Learns from the outcome how loaded the servers are; null for nobody.</summary>
    public QueueThrottle? Throttle { get; set; }

    /// <summary>Decides whether requests to the queue are published with confirms; null if they always are.</summary>
    public ConfirmPolicy? Confirms { get; set; }

    /// <summary>How often the request was sent. With more than one attempt, an earlier one may have reached a server.</summary>
    public int Attempts { get; private set; }

    /// <summary>The id of the message that the latest attempt travels in: the call's own, or that of a batch. Valid while the call is sent.</summary>
    public CorrelationId Sending { get; private set; }

    /// <summary>Whether a server sent the call back. From then on it travels in batches only: the id of a batch names the attempt.</summary>
    public bool IsSentBack { get; private set; }

    /// <summary>How often a server sent the call back that may have run.</summary>
    public int TimesSentBack { get; private set; }

    /// <summary>When and where the latest attempt's message was handed over. Valid while the call is sent.</summary>
    public SendTicket Ticket { get; private set; }

    /// <summary>Whether the broker confirms the latest attempt's message. Valid while the call is sent.</summary>
    public bool IsConfirmed => Ticket.Channel is { IsConfirmed: true };

    /// <summary>How often the broker refused to take messages to the call's exchange while the call was in flight.</summary>
    public int Refusals { get; set; }

    /// <summary>The call as failures name it.</summary>
    public CallIdentity Identity => new(Method.Name, Id.ToString(), Route.Queue);

    /// <summary>Starts a use of this object.</summary>
    /// <returns>The use's generation.</returns>
    public long Begin(RpcMethod method, RequestRoute route, IBatchFeedback? batching)
    {
        Method = method;
        Route = route;
        Batching = batching;
        BatchTicket = 0;
        Origin = CallOrigins.Of(method);
        (Attempts, Refusals, IsSentBack, TimesSentBack) = (0, 0, false, 0);
        return BeginUse();
    }

    /// <summary>Ends the call when a token is cancelled.</summary>
    public void WatchCancellation(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            _cancellation = cancellationToken.UnsafeRegister(
                static (state, token) =>
                {
                    // The registration ends before the object is used again: this is still the call that it was made for.
                    var call = (PendingCall)state!;
                    call.OnCancelled(call.Current.Generation, token);
                },
                this);
        }
    }

    /// <summary>Takes a waiting call for sending on a link, and pins it.</summary>
    /// <returns>False if another thread sends the call, or it has its outcome.</returns>
    public bool TryTake(long generation, CallLink link, SendTicket ticket, CorrelationId message)
    {
        if (!TryPin(generation))
        {
            return false;
        }

        if (TryMove(generation, CallStage.Waiting, CallStage.Sending))
        {
            Link = link;
            Ticket = ticket;
            Sending = message;
            Attempts++;
            if (TryMove(generation, CallStage.Sending, CallStage.Sent))
            {
                return true;
            }
        }

        Unpin();
        return false;
    }

    /// <summary>Puts a call back into <see cref="CallStage.Waiting"/> whose latest attempt did not count; <c>isAlone</c>: from now on it travels by itself.</summary>
    /// <returns>False if the call has its outcome, or was sent again meanwhile.</returns>
    public bool TryTakeBack(long generation, CallLink link, bool isAlone = false)
    {
        if (!TryPin(generation))
        {
            return false;
        }

        bool isTakenBack = false;
        if (Link == link && TryMove(generation, CallStage.Sent, CallStage.Sending))
        {
            Attempts--; // only this thread can: no other attempt begins before the stage is Waiting
            IsSentBack &= !isAlone;
            isTakenBack = TryMove(generation, CallStage.Sending, CallStage.Waiting);
        }

        Unpin();
        return isTakenBack;
    }

    /// <summary>Takes a call that a server sent back, if the message is its latest attempt. For a thread that pins it, and then completes it or lets it wait.</summary>
    public bool TryTakeSentBack(long generation, CorrelationId message, bool mayHaveRun)
    {
        if (Sending != message || !TryMove(generation, CallStage.Sent, CallStage.Sending))
        {
            return false;
        }

        if (Sending == message) // nobody else can send it now; another attempt can have begun right before
        {
            IsSentBack = true;
            TimesSentBack += mayHaveRun ? 1 : 0;
            Attempts -= mayHaveRun ? 0 : 1;
            return true;
        }

        if (TryMove(generation, CallStage.Sending, CallStage.Sent) && Link is { Closed.IsCompleted: true } lost)
        {
            OnLinkLost(generation, lost, lost.Closed.Result.Reason); // the loss was reported while the call was at another stage
        }

        return false;
    }

    /// <summary>Gives the call a result. For the thread that won <see cref="PendingMessage.TryComplete(long, out CallStage)"/>.</summary>
    /// <exception cref="Exception">The body cannot be read as the result. The call has no outcome yet.</exception>
    public void SetResult(ReadOnlySpan<byte> body)
    {
        receiver.Read(body);
        EndObservation(exception: null);
        receiver.Complete();
    }

    /// <summary>Gives the call an exception. For the thread that won <see cref="PendingMessage.TryComplete(long, out CallStage)"/>.</summary>
    public void SetException(Exception exception)
    {
        EndObservation(exception);
        receiver.Fail(exception);
    }

    public override bool TryEnd()
    {
        if (!base.TryEnd())
        {
            return false;
        }

        // Waits for a callback that is running: after this, no token can end a later use.
        _cancellation.Dispose();
        _cancellation = default;
        return true;
    }

    /// <summary>Ends a use that could not start: its caller gets an exception instead of a task.</summary>
    public void Abandon(long generation)
    {
        if (TryComplete(generation))
        {
            Quota?.Leave();
            Observation = null;
            TryEnd();
            Unpin();
        }
    }

    public override void OnReply(long generation, MessageKind kind, in IncomingMessage reply) => events.OnReply(this, generation, kind, in reply);

    public override void OnReturned(long generation, in ReturnedMessage returned) => events.OnReturned(this, generation, in returned);

    public override void OnNacked(long generation) => events.OnNacked(this, generation);

    /// <summary>The broker does not allow publishing to the call's exchange, or has no such exchange. The call waits.</summary>
    public void OnRefused(long generation, CallLink link, TransportRefusedException refusal) => events.OnRefused(this, generation, link, refusal);

    public override void OnNotSent(long generation, CallLink link) => events.OnNotSent(this, generation, link);

    public override void OnSendFailed(long generation, Exception exception) => events.OnSendFailed(this, generation, exception);

    public override void OnLinkLost(long generation, CallLink link, string reason) => events.OnLinkLost(this, generation, link, reason);

    public override void OnDeadlineNear() => events.OnDeadlineNear(this);

    public override void OnDeadline(long generation) => events.OnDeadline(this, generation);

    protected override bool TryRecycle()
    {
        (Headers, TraceParent, ReplyMetadata) = (null, null, null);
        return receiver.TryRecycle();
    }

    private void OnCancelled(long generation, CancellationToken cancellationToken) => events.OnCancelled(this, generation, cancellationToken);

    /// <summary>Ends span, measurement and the counting of the call, right before the caller gets the outcome.</summary>
    private void EndObservation(Exception? exception)
    {
        Throttle?.Note(exception);
        Quota?.Leave();
        if (Observation is { } observation)
        {
            Observation = null;
            observation.Attempts = Attempts;
            observation.Peer = Link?.Peer;
            observation.End(exception, Id.ToString(), isRemote: Link?.Host is not null);
        }
    }
}

/// <summary>Events of calls. Each can come late: the generation says which use is meant.</summary>
internal interface ICallEvents
{
    /// <inheritdoc cref="PendingMessage.OnReply"/>
    void OnReply(PendingCall call, long generation, MessageKind kind, in IncomingMessage reply);

    /// <inheritdoc cref="PendingMessage.OnReturned"/>
    void OnReturned(PendingCall call, long generation, in ReturnedMessage returned);

    /// <inheritdoc cref="PendingMessage.OnNacked"/>
    void OnNacked(PendingCall call, long generation);

    /// <inheritdoc cref="PendingCall.OnRefused"/>
    void OnRefused(PendingCall call, long generation, CallLink link, TransportRefusedException refusal);

    /// <inheritdoc cref="PendingMessage.OnNotSent"/>
    void OnNotSent(PendingCall call, long generation, CallLink link);

    /// <inheritdoc cref="PendingMessage.OnSendFailed"/>
    void OnSendFailed(PendingCall call, long generation, Exception exception);

    /// <inheritdoc cref="PendingMessage.OnLinkLost"/>
    void OnLinkLost(PendingCall call, long generation, CallLink link, string reason);

    /// <inheritdoc cref="PendingMessage.OnDeadlineNear"/>
    void OnDeadlineNear(PendingCall call);

    /// <inheritdoc cref="PendingMessage.OnDeadline"/>
    void OnDeadline(PendingCall call, long generation);

    /// <summary>The caller cancelled the call.</summary>
    void OnCancelled(PendingCall call, long generation, CancellationToken cancellationToken);
}
