using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace RpcGen.Tests.Hosting;

/// <summary>Keeps log lines with their values.</summary>
internal sealed class RecordingLogger : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(int Id, IReadOnlyList<KeyValuePair<string, object?>> Values)> _lines = new();

    public IEnumerable<int> Ids => _lines.Select(line => line.Id);

    public int Count(int id) => Ids.Count(known => known == id);

    /// <summary>One value of all lines with an event id.</summary>
    public IEnumerable<string?> Values(int id, string name) => _lines
        .Where(line => line.Id == id)
        .Select(line => Convert.ToString(line.Values.Single(value => value.Key == name).Value, CultureInfo.InvariantCulture));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, state as IReadOnlyList<KeyValuePair<string, object?>> ?? []));

    public void Dispose()
    {
    }
}
