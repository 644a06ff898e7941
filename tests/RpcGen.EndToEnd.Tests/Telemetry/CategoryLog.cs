using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>Keeps log entries with their category, from a level on.</summary>
internal sealed class CategoryLog(LogLevel level) : ILoggerFactory
{
    private readonly ConcurrentQueue<(string Category, int Id, string Text)> _lines = new();

    /// <summary>The texts of an event in a category.</summary>
    public string[] Of(string category, int id) => [.. _lines.Where(line => line.Category == category && line.Id == id).Select(line => line.Text)];

    /// <summary>Waits for an entry with this text in it. Fails if none is written.</summary>
    public async Task<string> FindAsync(string category, int id, string text)
    {
        string? found = null;
        await Wait.UntilAsync(() => (found = Of(category, id).FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal))) is not null, $"{category} has event {id} with '{text}'");
        return found!;
    }

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName, level);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    private sealed class Category(CategoryLog log, string name, LogLevel level) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= level;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log._lines.Enqueue((name, eventId.Id, formatter(state, exception)));
            }
        }
    }
}
