using Microsoft.Extensions.Logging;
using RpcGen.Runtime;

namespace RpcGen.Diagnostics;

/// <summary>
/// Writes at most <see cref="LinesPerSecond"/> messages of each event a second to the application's log, then one message that
/// says how many were omitted. Peers cause most events, and must not be able to fill a disk. Text of peers is escaped.
/// Thread-safe.
/// </summary>
internal sealed class LimitedLog(ILogger log, TimeProvider time) : ILogger
{
    /// <summary>How many messages of one event are written within a second.</summary>
    public const int LinesPerSecond = 20;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<int, Window> _windows = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => log.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (TryCount(logLevel, eventId))
        {
            LogLine.Write(log, logLevel, eventId, state, exception, formatter);
        }
    }

    private bool TryCount(LogLevel logLevel, EventId eventId)
    {
        lock (_gate)
        {
            if (!_windows.TryGetValue(eventId.Id, out Window? window))
            {
                window = new Window(logLevel, eventId);
                _windows.Add(eventId.Id, window);
                using (AmbientFlow.Suppress())
                {
                    // Ends the window also if nothing more is logged.
                    window.Timer = time.CreateTimer(_ => End(window), null, Second, Timeout.InfiniteTimeSpan);
                }
            }

            window.Count++;
            return window.Count <= LinesPerSecond;
        }
    }

    private void End(Window window)
    {
        lock (_gate)
        {
            _windows.Remove(window.EventId.Id);
            window.Timer!.Dispose();
        }

        int leftOut = window.Count - LinesPerSecond;
        if (leftOut > 0)
        {
            ReportLeftOut(window, leftOut);
        }
    }

    private void ReportLeftOut(Window window, int count)
    {
        try
        {
            Diagnostics.Log.LeftOut(log, window.Level, count, window.EventId.Id, window.EventId.Name);
        }
#pragma warning disable CA1031 // The application's log failed on a timer's thread. To throw there would end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
            // There is no other log to say it in.
        }
    }

    /// <summary>One second of one event. It begins with a message.</summary>
    private sealed class Window(LogLevel level, EventId eventId)
    {
        public LogLevel Level => level;

        public EventId EventId => eventId;

        public int Count { get; set; }

        public ITimer? Timer { get; set; }
    }
}
