using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;

namespace RpcGen.Client.Streaming;

/// <summary>A stream that a call sends. Its source is enumerated from the server's first grant on. Thread-safe.</summary>
internal abstract class Upload(string name)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private bool _isStarted;
    private bool _isStopped;

    /// <summary>The parameter.</summary>
    public string Name => name;

    /// <summary>Completes when nothing more is sent, and the source's enumerator is disposed. Never fails.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What the source has failed with; null if it has not.</summary>
    public Exception? Failure { get; protected set; }

    /// <summary>The server takes so much in all.</summary>
    public void OnGrant(long bytes, long items)
    {
        RaiseGrant(bytes, items);
        lock (_gate)
        {
            if (_isStarted || _isStopped)
            {
                return;
            }

            _isStarted = true;
        }

        if (_context is null)
        {
            Start(this);
        }
        else
        {
            ExecutionContext.Run(_context, Start, this); // the source runs in the caller's context
        }
    }

    /// <summary>Sends nothing more: the server wants no more, or the call is over.</summary>
    public void Stop()
    {
        bool isStarted;
        lock (_gate)
        {
            _isStopped = true;
            isStarted = _isStarted;
        }

        GiveUp();
        if (!isStarted)
        {
            _ended.TrySetResult(); // the source was never touched
        }
    }

    protected abstract void RaiseGrant(long bytes, long items);

    protected abstract void GiveUp();

    protected abstract Task RunAsync();

    private static void Start(object? upload) => _ = Task.Run(((Upload)upload!).RunAndEndAsync);

    private async Task RunAndEndAsync()
    {
        await RunAsync().ConfigureAwait(false);
        _ended.TrySetResult();
    }
}

/// <inheritdoc/>
internal sealed class Upload<TItem> : Upload
{
    private readonly CancellationToken _stopping;
    private readonly RpcStreamProperty<TItem> _parameter;
    private readonly IAsyncEnumerable<TItem> _source;
    private readonly IUploadOwner _owner;
    private readonly StreamSender _sender;
    private readonly Func<TItem, bool> _write;
    private readonly TimeProvider _time;
    private long _checked;
    private long _written;

    /// <param name="parameter">The parameter.</param>
    /// <param name="source">The source.</param>
    /// <param name="link">The link.</param>
    /// <param name="links">The settings of all streams.</param>
    /// <param name="call">The call, which counts messages.</param>
    /// <param name="owner">The call.</param>
    public Upload(RpcStreamProperty<TItem> parameter, IAsyncEnumerable<TItem> source, StreamLink link, StreamLinks links, StreamCall call, IUploadOwner owner)
        : base(parameter.Name)
    {
        _parameter = parameter;
        _source = source;
        _owner = owner;
        var stopping = new CancellationTokenSource(); // without a timer, it needs no disposal
        _stopping = stopping.Token;
        _sender = new StreamSender(link, call, links, parameter.Name, new StreamCredit(0, 0), parameter.Items.IsRaw) { OnGivenUp = () => _ = stopping.CancelAsync() };
        _time = links.Time;
        _write = ByteWriter.For(_sender, parameter.Items);
    }

    protected override void RaiseGrant(long bytes, long items) => _sender.OnGrant(bytes, items);

    protected override void GiveUp() => _sender.GiveUp();

    protected override async Task RunAsync()
    {
        Exception? failure = await new StreamPump<TItem>(_sender, TryWrite, _time).RunAsync(_source, _stopping).ConfigureAwait(false);
        if (_sender.IsClosed)
        {
            return;
        }

        Failure = failure; // before the server can answer
        _sender.Complete(failure is null ? default : WriteFault());
        await _sender.Ended.ConfigureAwait(false);
        if (failure is not null)
        {
            _owner.OnSourceFailed(failure);
        }
    }

    private bool TryWrite(TItem item)
    {
        try
        {
            if (_checked == _written)
            {
                _parameter.ThrowIfInvalid(item, _checked++);
            }

            if (!_write(item))
            {
                return false;
            }

            _written++;
            return true;
        }
        catch (RpcValidationException e)
        {
            throw StreamExceptions.InvalidItem(_owner.Identity, e.Errors);
        }
#pragma warning disable CA1031 // Getters, converters and validation attributes are the user's: callers get exceptions of RpcGen only.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw StreamExceptions.UnsendableItem(_owner.Identity, Name, _written, e);
        }
    }

    /// <summary>The exception stays at the caller: it can say more than the server may know.</summary>
    private byte[] WriteFault()
    {
        var body = new PooledBuffer();
        FaultWriter.Write(body, FaultCodes.Cancelled, "The stream was broken off.", $"The source of the caller's stream '{Name}' has failed.");
        byte[] written = body.Written.ToArray();
        body.Release();
        return written;
    }
}
