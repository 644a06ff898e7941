using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RpcGen.EndToEnd.Tests.Fuzzing;

/// <summary>Keeps the log entries that no message of a peer can cause, and drops all others, so that long runs need no memory for them.</summary>
internal sealed class FuzzLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _failures = new();

    public IReadOnlyCollection<string> Failures => _failures;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        // Lost or refused connections and channels, failed callbacks, failed handlers, queues that are no longer served.
        if (eventId.Id is 1 or 3 or 5 or 40 or 47 or 53 or 58 or 62)
        {
            _failures.Enqueue($"[{eventId.Id}] {formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
