using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client.Streaming;

/// <summary>
/// Passes the progress of a call on to the caller, one value at a time and in order. The caller's code runs on the thread pool, in the caller's
/// context. Thread-safe.
/// </summary>
internal abstract class ProgressSink(string name) : IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private bool _isStarted;
    private volatile bool _isCut;
    private volatile bool _isHeard;

    /// <summary>The parameter.</summary>
    public string Name => name;

    /// <summary>Whether a message has come.</summary>
    public bool IsHeard => _isHeard;

    /// <summary>What the server can send before the first grant, in bytes.</summary>
    public abstract long Window { get; }

    /// <summary>Whether the end has not come.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>What the caller's code has thrown, or what is wrong with the values; null if nothing is.</summary>
    public Exception? Failure { get; protected set; }

    /// <summary>Completes when the caller gets no more values. Never fails.</summary>
    public Task Ended => _ended.Task;

    /// <summary>A message with values has come.</summary>
    /// <param name="kind">The kind: values, or the end.</param>
    /// <param name="message">The message.</param>
    public void OnMessage(StreamMessageKind kind, in IncomingMessage message)
    {
        _isHeard = true;
        Keep(ItemMessage.ReadNumber(in message) ?? -1, message.Body.Span, kind == StreamMessageKind.End);
        if (TryStart())
        {
            StartInContext();
        }
    }

    /// <summary>Nothing more comes. What has come is still passed on.</summary>
    public void End() => Close(EndValues);

    /// <summary>The caller wants no more, at once. A value that is being passed on is not interrupted.</summary>
    public void Interrupt(Exception exception) => Close(() => InterruptValues(exception));

    /// <summary>Whether the call has failed: the end of the values does not come.</summary>
    protected bool IsCut => _isCut;

    /// <summary>Gives up what has come.</summary>
    public abstract void Dispose();

    protected abstract void Keep(long firstValue, ReadOnlySpan<byte> values, bool isLast);

    protected abstract void EndValues();

    protected abstract void InterruptValues(Exception exception);

    /// <summary>Passes on all values. Never fails.</summary>
    protected abstract Task RunAsync();

    private void Close(Action close)
    {
        if (TryStart())
        {
            Dispose(); // no value has come
            _ended.TrySetResult();
        }
        else
        {
            _isCut = true;
            close();
        }
    }

    private bool TryStart()
    {
        lock (_gate)
        {
            bool isFirst = !_isStarted;
            _isStarted = true;
            return isFirst;
        }
    }

    private void StartInContext()
    {
        if (_context is null)
        {
            Start(this);
        }
        else
        {
            ExecutionContext.Run(_context, Start, this);
        }
    }

    private static void Start(object? sink) => _ = Task.Run(((ProgressSink)sink!).RunAndEndAsync);

    private async Task RunAndEndAsync()
    {
        await RunAsync().ConfigureAwait(false);
        Dispose();
        _ended.TrySetResult();
    }
}

/// <inheritdoc/>
internal sealed class ProgressSink<TItem> : ProgressSink, IStreamReceiverOwner
{
    private readonly IProgress<TItem> _progress;
    private readonly StreamLink _link;
    private readonly StreamCall _call;
    private readonly IUploadOwner _owner;
    private readonly StreamReceiver<TItem> _receiver;

    /// <param name="parameter">The parameter.</param>
    /// <param name="progress">What takes the values.</param>
    /// <param name="link">The link.</param>
    /// <param name="links">The settings of all streams.</param>
    /// <param name="call">The call, which counts messages.</param>
    /// <param name="owner">The call.</param>
    public ProgressSink(RpcProgressProperty<TItem> parameter, IProgress<TItem> progress, StreamLink link, StreamLinks links, StreamCall call, IUploadOwner owner)
        : base(parameter.Name)
    {
        _progress = progress;
        _link = link;
        _call = call;
        _owner = owner;
        _receiver = new StreamReceiver<TItem>(parameter.Items, this, links.Budget, links.Time);
    }

    /// <inheritdoc/>
    public override long Window => _receiver.Window;

    /// <inheritdoc/>
    public override bool IsOpen => _receiver.IsOpen;

    /// <inheritdoc/>
    void IStreamReceiverOwner.SendGrant(long bytes, long items)
    {
        if (_call.Peer is { } server)
        {
            string type = StreamMessageKinds.About(StreamMessageKinds.Grant, Name);
            _ = _link.SendAsync(_call, _link.To(server.Queue, type, _call.WireId, StreamBodies.WriteGrant(bytes, items))).AsTask();
        }
    }

    /// <summary>Values are given up only together with the call.</summary>
    void IStreamReceiverOwner.SendCancel()
    {
    }

    /// <inheritdoc/>
    void IStreamReceiverOwner.OnClosed(Exception? failure)
    {
    }

    /// <inheritdoc/>
    Exception IStreamReceiverOwner.BreaksProtocol(string reason, Exception? cause) =>
        StreamExceptions.BreaksProtocol(_owner.Identity, $"of the progress '{Name}', {reason}", cause);

    /// <summary>The time between two values is not limited.</summary>
    Exception IStreamReceiverOwner.IsIdle() => new InvalidOperationException("Progress has no idle time.");

    protected override void Keep(long firstValue, ReadOnlySpan<byte> values, bool isLast) => _receiver.OnMessage(firstValue, values, isLast);

    protected override void EndValues() => _receiver.OnEnded(static () => new OperationCanceledException(), number: null);

    protected override void InterruptValues(Exception exception) => _receiver.Interrupt(exception);

    public override void Dispose() => _receiver.Dispose();

    protected override async Task RunAsync()
    {
        while (await TryTakeAsync().ConfigureAwait(false))
        {
            try
            {
                _progress.Report(_receiver.Current);
            }
#pragma warning disable CA1031 // The caller's own code: the caller gets what it throws.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Fail(e);
                return;
            }
        }
    }

    /// <summary>Takes the next value. False at the end, and if the call has failed, which the caller learns from there.</summary>
    private async ValueTask<bool> TryTakeAsync()
    {
        try
        {
            return await _receiver.MoveNextAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Converters and constructors are the user's: every exception of theirs fails the call.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (!IsCut)
            {
                Fail(e);
            }

            return false;
        }
    }

    private void Fail(Exception exception)
    {
        Failure = exception; // before the call is over
        _owner.OnProgressFailed(exception);
    }
}
