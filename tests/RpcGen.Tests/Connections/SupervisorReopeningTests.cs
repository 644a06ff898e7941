using Microsoft.Extensions.Logging;
using RpcGen.Connections;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

/// <summary>An object that is lost is opened again, with growing delays.</summary>
public sealed class SupervisorReopeningTests : SupervisorTest
{
    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Lost_and_reopened_through_failures()
    {
        WorkEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = await StartedAsync();
        var later = new TransportClosure("later");
        AttemptFails(new TransportClosedException(later, nothingSent: true));
        AttemptFails(new TransportRefusedException(AmqpReplyCodes.NotFound, "no queue"));
        AttemptOpens(Second);

        First.Lose("torn");

        Assert.Equal("lost: torn", await NextEventAsync());
        Assert.Null(supervisor.Current);
        Assert.Equal("torn", supervisor.DownReason);
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);
        await PassDelayAsync(50);
        await PassDelayAsync(100);
        await PassDelayAsync(200);
        Assert.Equal("opened", await NextEventAsync());
        Assert.Same(Second, supervisor.Current);
        Assert.Same(Second, await waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.True(First.Disposed.IsCompleted);
        Assert.Equal(4, AttemptCount);
        Assert.Equal([1, 3, 3, 2], Log.Entries.Select(entry => entry.Id));
        Assert.All(Log.Entries, entry => Assert.Null(entry.Exception));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_final_failure_ends_the_attempts()
    {
        WorkEnded.SetResult();
        var failures = new List<string>();
        await using var supervisor = new Supervisor<SupervisedThing>("The thing", OpenAsync, Environment())
        {
            OnFailed = exception => failures.Add(exception.Message),
            IsFinal = exception => exception is TransportRefusedException,
        };
        AttemptOpens(First);
        await supervisor.StartAsync(Cancel);
        AttemptFails(new TransportClosedException(new TransportClosure("later"), nothingSent: true));
        AttemptFails(new TransportRefusedException(AmqpReplyCodes.AccessRefused, "no right"));
        First.Lose("torn");
        await First.Disposed.WaitAsync(Bounds.Soon, Cancel);
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);

        await PassDelayAsync(50);
        await PassDelayAsync(100);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(["later", "no right"], failures);
        Assert.Equal("no right", supervisor.DownReason);
        Assert.Empty(Attempts);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_log_that_fails_does_not_end_the_supervision()
    {
        WorkEnded.SetResult();
        await using var supervisor = new Supervisor<SupervisedThing>("The thing", OpenAsync, Environment() with { Log = new BrokenLog() });
        AttemptOpens(First);
        await supervisor.StartAsync(Cancel);
        AttemptFails(new TransportClosedException(new TransportClosure("later"), nothingSent: true));
        AttemptOpens(Second);

        First.Lose("torn");
        await PassDelayAsync(50);
        await PassDelayAsync(100);

        Assert.Same(Second, await supervisor.GetAsync(Cancel).WaitAsync(Bounds.Soon, Cancel));
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [InlineData(500, 100)]
    [InlineData(501, 50)]
    public async Task The_backoff_restarts_if_the_object_was_stable(int openFor, int nextDelay)
    {
        WorkEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = await StartedAsync();
        AttemptOpens(Second);
        AttemptOpens(new SupervisedThing());
        First.Lose("torn");
        Assert.Equal("lost: torn", await NextEventAsync());
        await PassDelayAsync(50);
        Assert.Equal("opened", await NextEventAsync());

        Time.Advance(TimeSpan.FromMilliseconds(openFor));
        Second.Lose("again");

        await PassDelayAsync(nextDelay);
    }

    private sealed class BrokenLog : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("the log is broken");
    }
}
