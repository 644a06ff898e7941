using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Streaming;

/// <summary>A stream that a served call receives, as the call knows it. Thread-safe.</summary>
internal abstract class ServedParameter(string name, StreamLink link)
{
    private IParameterOwner? _owner;

    /// <summary>The parameter.</summary>
    public string Name => name;

    /// <summary>What the handler gets if the stream is broken off, and the code of the fault that it then ends with; null if it is not.</summary>
    public (Exception Exception, string Code)? Break { get; protected set; }

    /// <summary>The call; null before it is open.</summary>
    protected IParameterOwner? Owner => _owner;

    /// <summary>How many items the handler has taken.</summary>
    public abstract long TakenItems { get; }

    /// <summary>The call is open.</summary>
    public void Bind(IParameterOwner owner) => Volatile.Write(ref _owner, owner);

    /// <summary>Tells the client how much is taken before anything is consumed. False if the link is closed.</summary>
    /// <param name="every">How often this process says that it is alive.</param>
    public abstract ValueTask<bool> AnnounceAsync(TimeSpan every);

    /// <summary>A message of the client. Returns what is wrong with it; null if nothing is.</summary>
    public abstract string? OnMessage(StreamMessageKind kind, in IncomingMessage message);

    /// <summary>The call is cancelled. A stream that has ended is read to its end all the same.</summary>
    public abstract void Cancel(CancellationToken cancellationToken);

    /// <summary>The call is over: the handler can read no more.</summary>
    public abstract void End();

    /// <summary>Sends a message about the stream to the client.</summary>
    protected ValueTask<bool> SendAsync(string kind, byte[] body) => Owner is { } owner
        ? link.SendAsync(owner.Call, link.To(owner.Call.PeerQueue, StreamMessageKinds.About(kind, name), owner.Call.WireId, body))
        : new ValueTask<bool>(false);
}

/// <summary>A stream that a served call receives. The handler gets it as an enumerable, which can be enumerated once, because its items come once.</summary>
internal sealed class ServedParameter<TItem> : ServedParameter, IAsyncEnumerable<TItem>, IAsyncEnumerator<TItem>, IStreamReceiverOwner
{
    private readonly RpcStreamProperty<TItem> _property;
    private readonly StreamReceiver<TItem> _receiver;
    private CancellationTokenRegistration _registration;
    private int _isTaken;

    /// <param name="property">The parameter.</param>
    /// <param name="link">The link.</param>
    /// <param name="budget">The memory of all streams.</param>
    /// <param name="time">The clock.</param>
    public ServedParameter(RpcStreamProperty<TItem> property, StreamLink link, StreamBudget budget, TimeProvider time)
        : base(property.Name, link)
    {
        _property = property;
        _receiver = new StreamReceiver<TItem>(property.Items, this, budget, time);
    }

    /// <inheritdoc/>
    public override long TakenItems => _receiver.TakenItems;

    /// <inheritdoc/>
    public TItem Current => _receiver.Current;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The stream was enumerated before, or its call is over.</exception>
    public IAsyncEnumerator<TItem> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
        {
            throw new InvalidOperationException($"The stream '{Name}' was enumerated before, or its call is over. The client sends its items once.");
        }

        _registration = cancellationToken.UnsafeRegister(
            static (parameter, token) => ((ServedParameter<TItem>)parameter!)._receiver.Interrupt(new OperationCanceledException(token)), this);
        return this;
    }

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync()
    {
        ValueTask<bool> next = _receiver.MoveNextAsync();
        if (_property.Check is null)
        {
            return next;
        }

        return next.IsCompletedSuccessfully ? new ValueTask<bool>(Check(next.Result)) : CheckAsync(next);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _registration.Unregister();
        _receiver.Dispose();
        return default;
    }

    /// <summary>Ends the stream at once, also while an item is awaited.</summary>
    public void Interrupt(Exception exception) => _receiver.Interrupt(exception);

    /// <inheritdoc/>
    public override ValueTask<bool> AnnounceAsync(TimeSpan every)
    {
        int items = _property.Items.WindowItems;
        return SendAsync(StreamMessageKinds.Grant, StreamBodies.WriteGrant(_receiver.Window, items == 0 ? long.MaxValue : items, every));
    }

    /// <inheritdoc/>
    public override string? OnMessage(StreamMessageKind kind, in IncomingMessage message)
    {
        if (kind == StreamMessageKind.Fault)
        {
            _receiver.OnEnded(CreateSourceFailed, ItemMessage.ReadNumber(in message));
            return null;
        }

        if (ItemMessage.FindProblem(in message, _property.Items.IsRaw) is { } problem)
        {
            return problem;
        }

        _receiver.OnMessage(ItemMessage.ReadNumber(in message) ?? -1, message.Body.Span, kind == StreamMessageKind.End);
        return null;
    }

    /// <inheritdoc/>
    public override void Cancel(CancellationToken cancellationToken) => _receiver.InterruptIfOpen(new OperationCanceledException(cancellationToken));

    /// <inheritdoc/>
    public override void End()
    {
        if (Interlocked.Exchange(ref _isTaken, 1) == 0)
        {
            _receiver.Dispose();
        }
        else
        {
            _receiver.Interrupt(new InvalidOperationException($"The call is over: the stream '{Name}' can be read no more."));
        }
    }

    /// <inheritdoc/>
    void IStreamReceiverOwner.SendGrant(long bytes, long items) => _ = SendAsync(StreamMessageKinds.Grant, StreamBodies.WriteGrant(bytes, items)).AsTask();

    /// <inheritdoc/>
    void IStreamReceiverOwner.SendCancel()
    {
        if (Owner is { IsOver: false })
        {
            _ = SendAsync(StreamMessageKinds.Cancel, []).AsTask();
        }
    }

    /// <inheritdoc/>
    void IStreamReceiverOwner.OnClosed(Exception? failure)
    {
    }

    /// <inheritdoc/>
    Exception IStreamReceiverOwner.BreaksProtocol(string reason, Exception? cause)
    {
        string problem = $"The stream '{Name}' was broken off: {reason}.";
        Owner?.OnViolation(problem);
        return new RpcProtocolException(problem, cause) { Execution = RpcExecution.Started };
    }

    /// <inheritdoc/>
    Exception IStreamReceiverOwner.IsIdle()
    {
        string problem = $"The stream '{Name}' brought no item for {_property.Items.IdleTimeoutMilliseconds} ms, the IdleTimeoutMilliseconds of its [RpcStream]. It had brought {TakenItems}.";
        return BreakWith(new RpcTimeoutException(problem) { Execution = RpcExecution.Started }, FaultCodes.Timeout);
    }

    private Exception CreateSourceFailed() =>
        BreakWith(new RpcRemoteException($"The source of the caller's stream '{Name}' has failed.", FaultCodes.Cancelled, Owner?.Call.WireId.ToString()), FaultCodes.Cancelled);

    private Exception BreakWith(Exception exception, string code)
    {
        Break = (exception, code);
        return exception;
    }

    private async ValueTask<bool> CheckAsync(ValueTask<bool> next) => Check(await next.ConfigureAwait(false));

    private bool Check(bool hasItem)
    {
        if (!hasItem)
        {
            return false;
        }

        try
        {
            _property.ThrowIfInvalid(_receiver.Current, _receiver.TakenItems - 1);
            return true;
        }
        catch (RpcValidationException e)
        {
            Owner?.OnInvalid(e);
            throw;
        }
    }
}
