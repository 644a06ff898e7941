using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RpcGen.Runtime;
using RpcGen.Tests.Server;

namespace RpcGen.Tests.Runtime;

public sealed class GuardedLoggerTests
{
    [Fact]
    public void Exceptions_of_the_logger_are_dropped()
    {
        ILogger guarded = GuardedLogger.Guard(new BrokenLogger());

        Assert.False(guarded.IsEnabled(LogLevel.Error));
        Assert.Null(guarded.BeginScope("scope"));
        guarded.Log(LogLevel.Error, default, "state", null, static (state, _) => state);
    }

    [Fact]
    public void Everything_else_reaches_the_logger()
    {
        var log = new ListLog();
        ILogger guarded = GuardedLogger.Guard(log);

        Assert.True(guarded.IsEnabled(LogLevel.Error));
        guarded.Log(LogLevel.Error, new EventId(7), "state", null, static (state, _) => state);

        Assert.Equal("state", log.Text(7));
    }

    [Fact]
    public void A_logger_is_guarded_once_and_only_if_it_can_fail()
    {
        ILogger guarded = GuardedLogger.Guard(new ListLog());

        Assert.Same(guarded, GuardedLogger.Guard(guarded));
        Assert.Same(NullLogger.Instance, GuardedLogger.Guard(NullLogger.Instance));
    }

    private sealed class BrokenLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => throw new InvalidOperationException("broken");

        public bool IsEnabled(LogLevel logLevel) => throw new InvalidOperationException("broken");

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("broken");
    }
}
