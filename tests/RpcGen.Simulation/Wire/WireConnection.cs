using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>A connection, seen from the process.</summary>
internal sealed class WireConnection : WireLife, ITransportConnection
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly Network _network;
    private readonly ITransportConnection _broker;
    private readonly Line _line;
    private readonly List<WireChannelLife> _open = [];
    private bool _isDisposed;

    public WireConnection(Network network, ITransportConnection broker)
        : this(network, broker, new Line())
    {
    }

    private WireConnection(Network network, ITransportConnection broker, Line line)
        : base(new Flow(line, network), new Flow(line, network))
    {
        _network = network;
        _broker = broker;
        _line = line;
        BlockedReason = broker.BlockedReason;
        broker.BlockedChanged += OnBlockedChanged;
        network.Connections.Add(this);
        _ = WatchAsync();
    }

    public event Action? BlockedChanged;

    public BrokerHost? Host => _broker.Host;

    public string? UserName => _broker.UserName;

    public string? BlockedReason { get; private set; }

    public bool MarksEachRedelivery => !_network.HidesRedelivery || _network.Tampering.ClaimsMarks;

    /// <summary>The broker's side of it.</summary>
    public ITransportConnection Broker => _broker;

    /// <summary>How many channels are open.</summary>
    public int OpenChannels => _open.Count;

    /// <summary>Keeps everything on the wire for a while.</summary>
    public void Stall(TimeSpan time) => _line.StalledUntil = Math.Max(_line.StalledUntil, _network.Time.Now + time.Ticks);

    /// <summary>Loses what is on the wire, now and from now on; the process learns of it after a while.</summary>
    public void Cut(TimeSpan unnoticed)
    {
        _line.IsCut = true;
        Stall(unnoticed);
    }

    public Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken) => OpenAsync<ITransportChannel, WireChannel>(
        () => _broker.OpenChannelAsync(CancellationToken.None), (channel, up, down) => new WireChannel(this, _network, channel, up, down), cancellationToken);

    public Task<IConfirmedChannel> OpenConfirmedChannelAsync(CancellationToken cancellationToken) => OpenAsync<IConfirmedChannel, WireConfirmedChannel>(
        () => _broker.OpenConfirmedChannelAsync(CancellationToken.None), (channel, up, down) => new WireConfirmedChannel(this, _network, channel, up, down), cancellationToken);

    public Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken) => OpenAsync<ITransportPublisher, WirePublisher>(
        () => _broker.OpenPublisherAsync(CancellationToken.None), (publisher, up, down) => new WirePublisher(this, _network, publisher, up, down), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        foreach (WireChannelLife life in _open.ToArray())
        {
            await life.DisposeAsync();
        }

        await _broker.DisposeAsync();
        Finish(closure: null);
    }

    /// <summary>A channel or publisher of it is gone.</summary>
    public void Forget(WireChannelLife life) => _open.Remove(life);

    /// <summary>Waits for a close to reach the broker, as long as a client library would.</summary>
    public async Task WaitForCloseAsync(Task closed)
    {
        try
        {
            await closed.WaitAsync(CloseTimeout, _network.Time);
        }
        catch (TimeoutException)
        {
            // The broker does not answer: it has to find out by itself.
        }
    }

    private async Task<TSeam> OpenAsync<TSeam, T>(Func<Task<TSeam>> open, Func<TSeam, Flow, Flow, T> wrap, CancellationToken cancellationToken)
        where TSeam : IAsyncDisposable
        where T : WireChannelLife, TSeam
    {
        Task<TSeam> opening = AskAsync(open, CancellationToken.None);
        try
        {
            TSeam opened = await opening.WaitAsync(cancellationToken);
            if (CheckOpen() is { } closed)
            {
                await opened.DisposeAsync();
                throw closed;
            }

            T life = wrap(opened, new Flow(_line, _network), new Flow(_line, _network));
            _open.Add(life);
            return life;
        }
        catch (OperationCanceledException)
        {
            _ = CloseWhenOpenAsync(opening);
            throw;
        }
    }

    private static async Task CloseWhenOpenAsync<TSeam>(Task<TSeam> opening)
        where TSeam : IAsyncDisposable
    {
        try
        {
            await (await opening).DisposeAsync();
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException)
        {
            // It was never open.
        }
    }

    private void OnBlockedChanged() => Down.Send(() =>
    {
        BlockedReason = _broker.BlockedReason;
        if (!IsClosed)
        {
            BlockedChanged?.Invoke();
        }
    });

    private async Task WatchAsync()
    {
        TransportClosure closure = await _broker.Closed;
        Down.SendEnd(() => _ = EndAfterChannelsAsync(closure));
    }

    /// <summary>The process learns of the end of the channels first, so that replies that have arrived come before it.</summary>
    private async Task EndAfterChannelsAsync(TransportClosure closure)
    {
        await Task.WhenAll(_open.Select(life => life.Closed));
        Finish(closure);
    }

    private void Finish(TransportClosure? closure)
    {
        _broker.BlockedChanged -= OnBlockedChanged;
        _network.Connections.Remove(this);
        if (closure is null)
        {
            EndByOwner();
        }
        else
        {
            End(closure);
        }
    }
}
