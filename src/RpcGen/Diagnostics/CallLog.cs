using Microsoft.Extensions.Logging;

namespace RpcGen.Diagnostics;

/// <summary>
/// The log of single calls. Its Debug messages are not limited, because each call is wanted there; the others are.
/// Text of peers is escaped. Thread-safe.
/// </summary>
internal sealed class CallLog(ILogger log, TimeProvider time) : ILogger
{
    private readonly LimitedLog _limited = new(log, time);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => log.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel > LogLevel.Debug)
        {
            _limited.Log(logLevel, eventId, state, exception, formatter);
        }
        else
        {
            LogLine.Write(log, logLevel, eventId, state, exception, formatter);
        }
    }
}
