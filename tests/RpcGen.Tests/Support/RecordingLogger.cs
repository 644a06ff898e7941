using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RpcGen.Tests.Support;

/// <summary>Keeps what is logged. Thread-safe.</summary>
internal sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    public IReadOnlyList<LogEntry> Entries => [.. _entries];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue(new LogEntry(eventId.Id, logLevel, formatter(state, exception), exception));
}

/// <summary>One log message.</summary>
internal sealed record LogEntry(int Id, LogLevel Level, string Message, Exception? Exception);
