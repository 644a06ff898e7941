using Microsoft.Extensions.Logging;
using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation;

/// <summary>Puts what the runtime logs into the history, where that is to be read.</summary>
internal sealed class HistoryLog(History history) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => history.KeepsLines;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        history.Tell($"        log {eventId.Id}: {formatter(state, exception)}{(exception is null ? "" : $" ({exception.GetType().Name}: {exception.Message})")}");

    public void Dispose()
    {
    }
}
