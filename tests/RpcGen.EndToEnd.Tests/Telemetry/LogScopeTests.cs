using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>Log entries of handlers can be found by call.</summary>
public sealed class LogScopeTests(MemoryBroker broker) : IClassFixture<MemoryBroker>
{
    [Fact]
    public async Task Log_entries_of_a_handler_have_method_and_call_id_in_scope()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using var log = new ScopedLog();
        await using RpcConnection connection = await RpcConnection.ConnectAsync(broker.Url, new RpcConnectionOptions { LoggerFactory = log }, cancel);
        await using RpcServer server = await connection.ServeAsync<ITroublemaker>(
            new Troublemaker(async (text, _) =>
            {
                await Task.Yield();
                log.Log(LogLevel.Information, 1000, text, null, static (state, _) => state);
                return text == "fail" ? throw new InvalidOperationException(text) : RpcCallContext.Current!.CallId!;
            }),
            cancellationToken: cancel);
        ITroublemaker client = connection.CreateClient<ITroublemaker>();

        string callId = await client.DoAsync("hello", cancel);
        RpcRemoteException failure = await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("fail", cancel));

        Assert.Equal($"RpcMethod=Do RpcCallId={callId}", log.ScopeOf(1000, "hello"));
        Assert.Equal($"RpcMethod=Do RpcCallId={failure.CallId}", log.ScopeOf(1000, "fail"));
        Assert.Equal($"RpcMethod=Do RpcCallId={failure.CallId}", log.ScopeOf(40, "Do"));
    }

    /// <summary>Keeps entries with their scope, like structured logging.</summary>
    private sealed class ScopedLog : ILoggerFactory, ILogger
    {
        private readonly LoggerExternalScopeProvider _scopes = new();
        private readonly ConcurrentQueue<(int Id, string Text, string Scope)> _lines = new();

        public string ScopeOf(int id, string text) => _lines.First(line => line.Id == id && line.Text.StartsWith(text, StringComparison.Ordinal)).Scope;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => _scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var parts = new List<string>();
            _scopes.ForEachScope((scope, all) => all.AddRange(((IEnumerable<KeyValuePair<string, object?>>)scope!).Select(entry => $"{entry.Key}={entry.Value}")), parts);
            _lines.Enqueue((eventId.Id, formatter(state, exception), string.Join(' ', parts)));
        }

        public void Dispose()
        {
        }
    }
}
