using Microsoft.Extensions.Logging;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>The base of suites that run on each transport. Connections are disposed after each test, the latest first.</summary>
public abstract class EndToEndTest(ITestBroker broker) : IAsyncLifetime
{
    private readonly Stack<RpcConnection> _connections = new();

    /// <summary>The suite runs with and without batching.</summary>
    private static readonly bool CanBatch = Environment.GetEnvironmentVariable("RPCGEN_TEST_BATCHING") != "off";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected ITestBroker Broker { get; } = broker;

    /// <summary>The queue of this test.</summary>
    protected string Queue { get; } = $"t.{Guid.NewGuid():N}"[..14];

    /// <summary>The runtime's log.</summary>
    protected RecordingLog Log { get; } = new();

    protected RpcClientOptions ClientOptions => new() { Queue = Queue };

    protected RpcServerOptions ServerOptions => new() { Queue = Queue };

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"The log:{Environment.NewLine}{string.Join(Environment.NewLine, Log.Lines.TakeLast(30))}");
        }

        while (_connections.TryPop(out RpcConnection? connection))
        {
            await EndAsync(connection);
        }

        await CleanUpAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes a connection at the end of the test.</summary>
    protected virtual Task EndAsync(RpcConnection connection) => connection.DisposeAsync().AsTask();

    protected virtual async Task CleanUpAsync() => await Broker.DeleteQueueAsync(Queue);

    protected Task<RpcConnection> ConnectAsync() => ConnectAsync(new RpcConnectionOptions());

    protected async Task<RpcConnection> ConnectAsync(RpcConnectionOptions options)
    {
        RpcConnection connection = await RpcConnection.ConnectAsync(Broker.Url, new RpcConnectionOptions(options) { LoggerFactory = Log, Batching = options.Batching && CanBatch }, Cancel);
        _connections.Push(connection);
        return connection;
    }

    protected async Task<QueueInfo> QueueStateAsync() =>
        await Broker.FindQueueAsync(Queue) ?? throw new InvalidOperationException($"There is no queue '{Queue}'.");

    protected virtual Task UntilQueueIsEmptyAsync() => Wait.UntilAsync(
        async () => await QueueStateAsync() is { Ready: 0, Unacknowledged: null or 0 }, $"queue '{Queue}' is empty");
}

/// <summary>Keeps log entries for assertions.</summary>
public sealed class RecordingLog : ILoggerFactory, ILogger
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<(int Id, string Text)> _lines = new();

    /// <summary>Called with each entry, on the thread that logs it.</summary>
    public Action<int, string>? Wrote { get; set; }

    public int Count(int eventId) => _lines.Count(line => line.Id == eventId);

    public IEnumerable<string> Lines => _lines.Select(line => $"[{line.Id}] {line.Text}");

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string text = formatter(state, exception) + (exception is null ? "" : $" {exception.GetType().Name}: {exception.Message}");
        _lines.Enqueue((eventId.Id, text));
        Wrote?.Invoke(eventId.Id, text);
    }

    public void Dispose()
    {
    }
}
