using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RpcGen.Runtime;

/// <summary>The application's logger, whose exceptions are dropped: a logger that fails must not end connections or calls.</summary>
internal sealed class GuardedLogger : ILogger
{
    private readonly ILogger _logger;

    private GuardedLogger(ILogger logger) => _logger = logger;

    /// <summary>Guards a logger, unless it cannot fail.</summary>
    public static ILogger Guard(ILogger logger) => logger is GuardedLogger or NullLogger ? logger : new GuardedLogger(logger);

#pragma warning disable CA1031 // See the class's summary. There is nowhere to report the exception to.
    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return _logger.BeginScope(state);
        }
        catch (Exception)
        {
            return null;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            _logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // Dropped.
        }
    }
#pragma warning restore CA1031
}
