using System.Runtime.ExceptionServices;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client.Streaming;

/// <summary>One call that sends streams or takes progress, and receives one result.</summary>
/// <param name="id">The call's id.</param>
/// <param name="link">The link that the call is on.</param>
/// <param name="method">The method.</param>
/// <param name="identity">The call as messages name it.</param>
/// <param name="failures">Creates exceptions.</param>
/// <param name="read">Reads the result.</param>
internal sealed class ClientUpload<TResult>(
    CorrelationId id, StreamLink link, RpcMethod method, CallIdentity identity, StreamExceptions failures, ResultReader<TResult> read) : StreamingCall(id, link, method, identity, failures)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private TResult _result = default!;
    private Exception? _failure;
    private bool _isOver;

    /// <inheritdoc/>
    public override long Window => Uploads!.Window ?? StreamLimits.DefaultWindow;

    /// <summary>Called when progress has come: the server works. Must not throw.</summary>
    public Action? Heard { get; set; }

    /// <summary>Completes when the outcome is known. Never fails.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Takes the outcome. A source that has failed counts more than what the server made of it, but not more than the caller's own cancellation.</summary>
    /// <exception cref="Exception">The call has failed.</exception>
    public TResult TakeResult()
    {
        Exception? failure = _failure is OperationCanceledException ? _failure : Uploads!.Failure ?? _failure ?? Uploads.ProgressFailure;
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return _result;
    }

    /// <summary>Ends the call at once.</summary>
    public void Interrupt(Exception exception)
    {
        if (TryEnd(default!, exception))
        {
            CancelAtServer();
            Leave();
            Uploads?.InterruptProgress(exception);
            _ended.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public override void OnMessage(StreamMessageKind kind, string? parameter, in IncomingMessage message)
    {
        base.OnMessage(kind, parameter, in message);
        if (parameter is not null)
        {
            Heard?.Invoke();
        }
    }

    /// <inheritdoc/>
    public override void OnProgressFailed(Exception exception) => Interrupt(exception);

    /// <summary>Nobody waits for the call any more.</summary>
    public override void Dispose() => Interrupt(new ObjectDisposedException(nameof(ClientUpload<>)));

    /// <summary>The server learns of it as the end of its stream, and answers.</summary>
    public override void OnSourceFailed(Exception exception)
    {
    }

    /// <inheritdoc/>
    protected override RpcException CreateLost(StreamExceptions failures, StreamLoss loss, bool isOpen) => failures.Lost(Identity, loss, isOpen, items: null);

    /// <inheritdoc/>
    protected override void OnResult(StreamMessageKind kind, in IncomingMessage message)
    {
        string? problem = kind != StreamMessageKind.Result ? "the server sent a stream instead of one result"
            : Peer is not null && Uploads!.FindIncomplete() is { } open ? $"the progress '{open}' has no end: messages were lost"
            : ItemMessage.FindProblem(in message);
        if (problem is not null)
        {
            BreakOff(problem);
            return;
        }

        try
        {
            TResult result = read(message.Body.Span);
            Leave();
            Finish(result, failure: null);
            SetOpened();
        }
#pragma warning disable CA1031 // Nobody else can end the call now: every exception that a hostile result causes must end it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            End(() => CallExceptions.UnreadableReply(Identity, e), number: null);
        }
    }

    /// <inheritdoc/>
    protected override void OnFailed(Func<Exception> failure, long? number) => Finish(default!, failure());

    /// <inheritdoc/>
    protected override bool TakesPlainResult => Uploads!.IsEmpty;

    /// <summary>The call is over. Progress that has come before is still passed on.</summary>
    private void Finish(TResult result, Exception? failure)
    {
        if (TryEnd(result, failure))
        {
            if (failure is not null || Peer is null)
            {
                Uploads?.EndProgress();
            }

            _ended.TrySetResult();
        }
    }

    private bool TryEnd(TResult result, Exception? failure)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return false;
            }

            _isOver = true;
            _result = result;
            _failure = failure;
        }

        return true;
    }
}

/// <summary>Reads the result of a call.</summary>
internal delegate TResult ResultReader<out TResult>(ReadOnlySpan<byte> body);
