using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Diagnostics;

public sealed class LimitedLogTests
{
    private readonly ManualTime _time = new();
    private readonly RecordingLogger _written = new();
    private readonly LimitedLog _log;

    public LimitedLogTests() => _log = new LimitedLog(_written, _time);

    [Fact]
    public void What_exceeds_the_limit_is_counted_and_reported_after_a_second()
    {
        Write(LimitedLog.LinesPerSecond + 3);
        Assert.Equal(LimitedLog.LinesPerSecond, _written.Entries.Count);

        _time.Advance(TimeSpan.FromSeconds(1));

        LogEntry last = _written.Entries[^1];
        Assert.Equal((7, LogLevel.Warning, "3 more messages of event 41 (RequestDropped) within a second were omitted."), (last.Id, last.Level, last.Message));
    }

    [Fact]
    public void Each_second_and_each_event_has_a_limit_of_its_own()
    {
        Write(LimitedLog.LinesPerSecond);
        _time.Advance(TimeSpan.FromSeconds(1));
        Write(LimitedLog.LinesPerSecond);
        Log.Serving(_log, "q");

        Assert.Equal((2 * LimitedLog.LinesPerSecond) + 1, _written.Entries.Count);
        Assert.DoesNotContain(_written.Entries, entry => entry.Id == 7);
    }

    [Fact]
    public void A_log_that_fails_ends_no_process()
    {
        int calls = 0;
        var log = new LimitedLog(new ThrowingLogger(() => ++calls > LimitedLog.LinesPerSecond), _time);
        for (int i = 0; i <= LimitedLog.LinesPerSecond; i++)
        {
            Log.Serving(log, "q");
        }

        _time.Advance(TimeSpan.FromSeconds(1)); // would throw on the timer's thread

        Assert.Equal(LimitedLog.LinesPerSecond + 1, calls);
    }

    [Fact]
    public void Text_of_peers_is_escaped_in_the_message_and_in_its_values()
    {
        var values = new List<KeyValuePair<string, object?>>();
        var log = new LimitedLog(new StateLogger(values), _time);

        Log.RequestDropped(log, "q", "a\r\nERROR fake", "\u001b[31m", "x\u202ey\u2028z\u0085");

        Assert.Contains(new KeyValuePair<string, object?>("Type", @"a\u000d\u000aERROR fake"), values);
        Assert.Contains(new KeyValuePair<string, object?>("CallId", @"\u001b[31m"), values);
        Assert.Contains(new KeyValuePair<string, object?>("{OriginalFormat}", "A request to queue {Queue} (type {Type}, correlation id {CallId}) was dropped: {Reason}."), values);
        Assert.Contains(new KeyValuePair<string, object?>("", @"A request to queue q (type a\u000d\u000aERROR fake, correlation id \u001b[31m) was dropped: x\u202ey\u2028z\u0085."), values);
    }

    [Fact]
    public void Text_of_peers_in_exceptions_is_escaped_and_other_exceptions_stay_as_they_are()
    {
        var safe = new InvalidOperationException("plain");
        var forged = new AggregateException("outer\n", new KeyNotFoundException("no article x\nFORGED \u001b[31m"));
        Log.HandlerFailed(_log, "Do", "q", "1", safe);
        Log.HandlerFailed(_log, "Do", "q", "1", Thrown(forged));

        Assert.Same(safe, _written.Entries[0].Exception);
        Exception shown = _written.Entries[1].Exception!;
        Assert.Contains(@"no article x\u000aFORGED \u001b[31m", shown.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\nFORGED", shown.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", shown.ToString() + shown.Message, StringComparison.Ordinal);
        Assert.StartsWith("System.AggregateException: outer", shown.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Thrown), shown.StackTrace, StringComparison.Ordinal);
    }

    private static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (AggregateException e)
        {
            return e;
        }
    }

    [Fact]
    public void The_scope_of_a_handler_has_an_escaped_call_id() =>
        Assert.Equal(@"RpcMethod:Add RpcCallId:\u000a", new CallLogScope("Add", "\n").ToString());

    [Theory]
    [InlineData("plain äß漢字 😀", "plain äß漢字 😀")]
    [InlineData("\0tab\t", @"\u0000tab\u0009")]
    public void Ordinary_text_stays(string text, string expected) => Assert.Equal(expected, LogText.Escape(text));

    private void Write(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Log.RequestDropped(_log, "q", "t", "1", "reason");
        }
    }

    private sealed class ThrowingLogger(Func<bool> fails) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (fails())
            {
                throw new InvalidOperationException("The log is full.");
            }
        }
    }

    /// <summary>Keeps the values of each message, and the message itself under an empty name.</summary>
    private sealed class StateLogger(List<KeyValuePair<string, object?>> values) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            values.AddRange((IReadOnlyList<KeyValuePair<string, object?>>)state!);
            values.Add(new("", formatter(state, exception)));
        }
    }
}
