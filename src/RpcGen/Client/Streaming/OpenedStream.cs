using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Runtime;

namespace RpcGen.Client.Streaming;

/// <summary>
/// A stream that a server has opened, for one consumer. If it is forgotten, without being read to its end or disposed, the garbage
/// collector ends it: nothing but the consumer holds this object.
/// </summary>
internal sealed class OpenedStream<TItem> : IAsyncEnumerable<TItem>, IAsyncEnumerator<TItem>
{
    private readonly StreamEnds<TItem> _ends;
    private readonly Func<ValueTask<ClientStream<TItem>>>? _reopen;
    private ClientStream<TItem> _stream;
    private int _isTaken;

    /// <param name="stream">The open stream.</param>
    /// <param name="ends">What ends it from outside.</param>
    /// <param name="reopen">Opens it again after a loss, as long as no item was taken; null if that must not be.</param>
    /// <param name="cancellationToken">Cancels the stream.</param>
    public OpenedStream(ClientStream<TItem> stream, StreamEnds<TItem> ends, Func<ValueTask<ClientStream<TItem>>>? reopen, CancellationToken cancellationToken)
    {
        _stream = stream;
        _ends = ends;
        _reopen = reopen;
        _ends.WatchTotal();
        _ends.WatchCancellation(cancellationToken);
    }

    ~OpenedStream() => ThreadPool.UnsafeQueueUserWorkItem(static ends => ends.Dispose(), _ends, preferLocal: false);

    /// <inheritdoc/>
    public TItem Current => _stream.Current;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The stream was enumerated before. It belongs to one call.</exception>
    public IAsyncEnumerator<TItem> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
        {
            throw new InvalidOperationException("The stream belongs to one call, and was enumerated before. Enumerate what the client's method returns: each enumeration is a call.");
        }

        _ends.WatchCancellation(cancellationToken);
        return this;
    }

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync() => _reopen is not null && _stream.TakenItems == 0 ? MoveToFirstAsync(_reopen) : _stream.MoveNextAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _ends.Dispose();
        GC.SuppressFinalize(this);
        return new ValueTask(_stream.StopUploadsAsync());
    }

    /// <summary>Ends the stream at once, also while an item is awaited.</summary>
    public void Interrupt(Exception exception) => _ends.Interrupt(exception);

    /// <summary>As long as nothing reached the consumer, the call of an idempotent method is made again.</summary>
    private async ValueTask<bool> MoveToFirstAsync(Func<ValueTask<ClientStream<TItem>>> reopen)
    {
        while (true)
        {
            try
            {
                return await _stream.MoveNextAsync().ConfigureAwait(false);
            }
            catch (RpcConnectionException e) when (StreamEnds<TItem>.CanReopenAfter(e) && !_ends.IsOver)
            {
                await ReopenAsync(reopen).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask ReopenAsync(Func<ValueTask<ClientStream<TItem>>> reopen)
    {
        try
        {
            _stream = await reopen().ConfigureAwait(false);
            _ends.MoveTo(_stream);
        }
        catch (Exception e)
        {
            _ends.EndObservation(e);
            throw;
        }
    }
}

/// <summary>What ends a stream from outside: tokens, its total time, and the garbage collector. Holds no consumer. Thread-safe.</summary>
internal sealed class StreamEnds<TItem> : IDisposable
{
    private readonly RpcItems<TItem> _items;
    private readonly TimeProvider _time;
    private readonly bool _canReopen;
    private readonly Lock _gate = new();
    private readonly List<CancellationTokenRegistration> _registrations = [];
    private ClientObservation? _observation;
    private ClientStream<TItem> _stream;
    private Exception? _interruption;
    private ITimer? _total;
    private bool _isDisposed;

    /// <param name="stream">The stream.</param>
    /// <param name="items">Its limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="observation">The call's span and measurement; null without a listener.</param>
    /// <param name="canReopen">Whether it is opened again after a loss, as long as no item was taken.</param>
    public StreamEnds(ClientStream<TItem> stream, RpcItems<TItem> items, TimeProvider time, ClientObservation? observation, bool canReopen)
    {
        _items = items;
        _time = time;
        _canReopen = canReopen;
        _observation = observation;
        _stream = stream;
        stream.Ended = OnEnded;
    }

    /// <summary>Whether an exception says that connection or server was lost, so that another attempt can succeed.</summary>
    public static bool CanReopenAfter(Exception? exception) => exception is RpcConnectionException { IsPermanent: false, ItemsReceived: 0, InnerException: null };

    /// <summary>Whether the stream was ended.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return _isDisposed || _interruption is not null;
            }
        }
    }

    /// <summary>The stream was opened again.</summary>
    public void MoveTo(ClientStream<TItem> stream)
    {
        Exception? interruption;
        lock (_gate)
        {
            _stream = stream;
            interruption = _interruption;
        }

        stream.Ended = OnEnded;

        if (interruption is not null)
        {
            stream.Interrupt(interruption);
        }
    }

    /// <summary>Ends the stream when the token fires, also between two reads.</summary>
    public void WatchCancellation(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static (ends, token) => ((StreamEnds<TItem>)ends!).Interrupt(new OperationCanceledException(token)), this);
            lock (_gate)
            {
                _registrations.Add(registration);
            }
        }
    }

    /// <summary>Ends the stream when it takes too long as a whole.</summary>
    public void WatchTotal()
    {
        if (_items.TotalTimeoutMilliseconds > 0)
        {
            using (AmbientFlow.Suppress())
            {
                _total = _time.CreateTimer(static ends => ((StreamEnds<TItem>)ends!).InterruptLate(), this, TimeSpan.FromMilliseconds(_items.TotalTimeoutMilliseconds), Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>The consumer wants no more.</summary>
    public void Dispose()
    {
        ClientStream<TItem> stream;
        lock (_gate)
        {
            _isDisposed = true;
            stream = _stream;
        }

        _total?.Dispose();
        _registrations.ForEach(static registration => registration.Unregister());
        stream.Dispose();
    }

    /// <summary>Ends span and measurement. Idempotent.</summary>
    /// <param name="failure">What the consumer got; null for none.</param>
    public void EndObservation(Exception? failure)
    {
        if (Interlocked.Exchange(ref _observation, null) is { } observation)
        {
            observation.Attempts = 1;
            observation.FaultCode = _stream.FaultCode;
            observation.Peer = _stream.Link.Peer;
            observation.End(failure, _stream.WireId.ToString(), isRemote: _stream.Link.Host is not null);
        }
    }

    private void OnEnded(Exception? failure)
    {
        if (!_canReopen || !CanReopenAfter(failure) || IsOver)
        {
            EndObservation(failure);
        }
    }

    private void InterruptLate() => Interrupt(_stream.CreateTotalOver());

    /// <summary>Ends the stream at once.</summary>
    public void Interrupt(Exception exception)
    {
        ClientStream<TItem> stream;
        lock (_gate)
        {
            _interruption ??= exception;
            stream = _stream;
        }

        stream.Interrupt(exception);
    }
}
