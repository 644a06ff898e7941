using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Streaming;

/// <summary>What a call with streams takes over from the call that opens it.</summary>
/// <param name="Context">The call's context. The call ends it.</param>
/// <param name="Observation">The call's span and measurement; null without a listener. The call ends it.</param>
/// <param name="EndLease">Ends the lease of the service, with its scope.</param>
internal sealed record StreamEstate(RpcCallContext Context, ServerObservation? Observation, Func<ValueTask> EndLease);

/// <summary>What a call with streams is opened with.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Caller">The caller's stream queue.</param>
/// <param name="Link">The link.</param>
/// <param name="Method">The method.</param>
/// <param name="Parameters">The streams that the call receives, and its progress; null for none.</param>
/// <param name="Streams">The open streams of the server, in which the call has a place.</param>
/// <param name="Faults">Writes the fault that the call ends with.</param>
internal sealed record StreamOpening(CorrelationId Id, string Caller, StreamLink Link, RpcMethod Method, ServedParameters? Parameters, OpenStreams Streams, StreamFaults Faults);

/// <summary>A call with streams that this process serves, from the moment on when its caller learns of it.</summary>
internal abstract class ServedCall : StreamCall, IServedStream, IParameterOwner
{
    private readonly StreamOpening _opening;
    private StreamEstate? _estate;

    protected ServedCall(StreamOpening opening)
        : base(opening.Id, opening.Caller)
    {
        _opening = opening;
        opening.Parameters?.Bind(this);
    }

    /// <summary>Completes when the caller knows who serves its call, or the call is over: the request is needed no more.</summary>
    public abstract Task Announced { get; }

    /// <inheritdoc/>
    public abstract bool IsOver { get; }

    /// <inheritdoc/>
    public StreamCall Call => this;

    /// <summary>What the call has taken over; null before that.</summary>
    protected StreamEstate? Estate => Volatile.Read(ref _estate);

    /// <summary>What the call was opened with.</summary>
    protected StreamOpening Opening => _opening;

    /// <summary>Why nobody can be told any more; null if nothing was lost.</summary>
    protected string? LostBecause { get; private set; }

    /// <inheritdoc/>
    public override bool Takes(StreamMessageKind kind, string parameter) => _opening.Parameters?.Takes(kind, parameter) == true;

    /// <inheritdoc/>
    public override void OnMessage(StreamMessageKind kind, string? parameter, in IncomingMessage message)
    {
        if (parameter is not null)
        {
            string? problem = _opening.Parameters is { } parameters ? parameters.OnMessage(kind, parameter, in message) : $"the method takes no stream '{parameter}'";
            if (problem is not null)
            {
                OnViolation($"A message of the client is wrong: {problem}.");
            }
        }
        else if (kind == StreamMessageKind.Cancel)
        {
            Cancel();
        }
        else
        {
            OnGrant(in message);
        }
    }

    /// <inheritdoc/>
    public override void OnLost(StreamLoss loss)
    {
        LostBecause = loss.Reason;
        if (loss.Kind == StreamLossKind.MessagesLost)
        {
            OnViolation("Messages of the client were lost on the way.");
        }
        else
        {
            if (loss.Kind == StreamLossKind.PeerSilent && !IsOver)
            {
                // A client that only stood still must not take the end of the call for lost messages.
                _ = PublishFaultAsync(StreamFaults.Create(FaultCodes.Interrupted, "The stream was interrupted.", "Nothing was heard of the client for too long."));
            }

            Cancel();
        }
    }

    /// <inheritdoc/>
    public void Cancel()
    {
        GiveUp();
        _opening.Parameters?.Cancel(Estate?.Context.CancellationToken ?? new CancellationToken(canceled: true));
    }

    /// <inheritdoc/>
    public async Task InterruptAsync()
    {
        if (!IsOver)
        {
            await PublishFaultAsync(StreamFaults.Create(FaultCodes.Interrupted, "The stream was interrupted.", "The server stopped before the stream had ended.")).ConfigureAwait(false);
            LostBecause = "the server stopped";
            Cancel();
        }
    }

    /// <inheritdoc/>
    public void OnViolation(string reason) => Fail(StreamFaults.Create(FaultCodes.Protocol, "The stream was interrupted.", reason));

    /// <inheritdoc/>
    public void OnInvalid(RpcValidationException exception) => Fail(StreamFaults.Invalid(exception));

    /// <summary>Tells the client who serves its call, and how much is taken. For calls that receive streams or report progress.</summary>
    public async Task AnnounceAsync()
    {
        try
        {
            await _opening.Parameters!.AnnounceAsync(this).ConfigureAwait(false); // else the link is lost, which the call is told
        }
        catch (ArgumentException)
        {
            Cancel(); // a caller's queue that AMQP does not carry
        }
    }

    /// <summary>The client takes more of the result.</summary>
    protected abstract void OnGrant(in IncomingMessage message);

    /// <summary>Sends nothing more. Fires the handler's token, unless the call is over.</summary>
    protected abstract void GiveUp();

    /// <summary>The call begins: what was cancelled before is cancelled now.</summary>
    protected void Begin(StreamEstate estate)
    {
        Volatile.Write(ref _estate, estate);
        if (IsOver)
        {
            estate.Context.Cancel();
        }
    }

    /// <summary>Fires the handler's token.</summary>
    protected void FireToken() => Estate?.Context.Cancel();

    /// <summary>The fault for an exception of the handler.</summary>
    protected byte[] WriteFault(Exception exception, out string code)
    {
        if (_opening.Parameters?.FindCode(exception) is { } broken)
        {
            code = broken;
            return StreamFaults.Create(broken, "The caller's stream was broken off.", exception.Message);
        }

        return _opening.Faults.FromException(_opening.Method, WireId.ToString(), exception, out code);
    }

    /// <summary>Ends span and measurement.</summary>
    /// <param name="estate">What the call has taken over.</param>
    /// <param name="wasWanted">Whether the caller was told the outcome.</param>
    /// <param name="code">The code of the fault; null for none.</param>
    /// <param name="items">How many items were sent and received.</param>
    /// <param name="failure">What the handler has failed with; null if it has not.</param>
    protected void EndObservation(StreamEstate estate, bool wasWanted, string? code, long items, Exception? failure)
    {
        estate.Observation?.Span?.SetTag(TelemetryNames.StreamItems, items);
        string? error = wasWanted
            ? FaultCodes.IsServersFailure(code) ? code : null
            : LostBecause is null ? FaultCodes.Cancelled : FaultCodes.Interrupted;
        estate.Observation?.End(code, error, error is not null && wasWanted ? failure : null);
    }

    /// <summary>The call is over: gives everything back.</summary>
    protected async ValueTask ReleaseAsync(StreamEstate estate)
    {
        _opening.Parameters?.End();
        _opening.Link.Remove(this);
        await estate.EndLease().ConfigureAwait(false);
        estate.Context.End();
        _opening.Streams.Leave(this);
    }

    /// <summary>Tells the caller at once.</summary>
    protected Task<bool> PublishFaultAsync(byte[] problem) =>
        _opening.Link.TryPublishAsync(_opening.Link.To(ServedFor!, WireNames.Fault, WireId, problem)).AsTask();

    /// <summary>Ends the call with a fault that the handler has no part in.</summary>
    private void Fail(byte[] problem)
    {
        if (!IsOver)
        {
            _ = PublishFaultAsync(problem);
            Cancel();
        }
    }
}
