using Microsoft.Extensions.Time.Testing;
using RpcGen.Runtime;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Compatibility;

/// <summary>Where a conversation takes place: a broker of its own, simulated time, and a record of what is sent.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly InMemoryBroker _broker;
    private readonly List<RpcConnection> _connections = [];
    private RpcConnection? _client;
    private bool _isServing;

    public Stage()
    {
        string name = $"compatibility-{Guid.NewGuid():N}";
        _broker = InMemoryBrokers.Hold(name, Time);
        Transport = new InMemoryTransport(name, Time);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ITransport Transport { get; }

    public WireRecorder Recorder { get; } = new();

    public RecordedService Service => field ??= new RecordedService(Time);

    /// <summary>Settings of all connections.</summary>
    public Func<bool, RpcConnectionOptions> Options { get; set; } = _ => new RpcConnectionOptions();

    public async Task ServeAsync<T>(T service, RpcServerOptions? options = null)
        where T : class, IRpcContract<T>
    {
        _isServing = true;
        RpcConnection connection = await ConnectAsync(isClient: false);
        await connection.ServeAsync(service, options, TestContext.Current.CancellationToken).WaitAsync(Bounds.Soon);
    }

    public async Task<T> CreateClientAsync<T>(RpcClientOptions? options = null)
        where T : class, IRpcContract<T> => (await GetClientAsync()).CreateClient<T>(options);

    public async Task<RpcConnection> GetClientAsync() => _client ??= await ConnectAsync(isClient: true);

    /// <summary>Moves the clock, in both sides of the conversation.</summary>
    public void Pass(int milliseconds) => Pass(TimeSpan.FromMilliseconds(milliseconds), isForHandler: false);

    /// <summary>The same, once a handler of this side waits for it. A client alone does not wait.</summary>
    public async Task PassForHandlerAsync(int milliseconds)
    {
        await HandlerWaitsAsync();
        Pass(TimeSpan.FromMilliseconds(milliseconds), isForHandler: true);
    }

    /// <summary>Waits until a handler waits for time to pass.</summary>
    public Task HandlerWaitsAsync() => _isServing ? Service.WaitsAsync() : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (RpcConnection connection in _connections)
        {
            await EndAsync(connection.DisposeAsync().AsTask());
        }

        InMemoryBrokers.Release(_broker);
    }

    private void Pass(TimeSpan pause, bool isForHandler)
    {
        Recorder.Add(pause, isForHandler);
        Time.Advance(pause);
    }

    /// <summary>Moves the clock until the grace period of handlers that still run is over.</summary>
    private async Task EndAsync(Task disposing)
    {
        using var bound = new CancellationTokenSource(Bounds.Soon);
        while (!disposing.IsCompleted)
        {
            await Task.WhenAny(disposing, Task.Delay(1, bound.Token));
            Assert.False(bound.IsCancellationRequested, "A connection did not end.");
            Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private async Task<RpcConnection> ConnectAsync(bool isClient)
    {
        RpcConnectionOptions options = Options(isClient);
        options.TimeProvider = Time;
        var transport = new RecordingTransport(Transport, Recorder, isClient);
        RpcConnection connection = await RpcConnection.ConnectAsync(transport, options, SystemRandomSource.Instance, TestContext.Current.CancellationToken).WaitAsync(Bounds.Soon);
        _connections.Add(connection);
        return connection;
    }
}
