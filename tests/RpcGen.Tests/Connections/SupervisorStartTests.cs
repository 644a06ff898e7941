using RpcGen.Connections;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Connections;

/// <summary>A start: the first attempt, in the foreground or in the background.</summary>
public sealed class SupervisorStartTests : SupervisorTest
{
    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Started_and_opened()
    {
        WorkEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = Create();
        Assert.Null(supervisor.Current);
        Assert.Equal("it was never open", supervisor.DownReason);
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);
        AttemptOpens(First);

        await supervisor.StartAsync(Cancel);

        Assert.Same(First, supervisor.Current);
        Assert.Same(First, await waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal("opened", await NextEventAsync());
        Assert.Equal(1, AttemptCount);
        Assert.Empty(Log.Entries);
        Assert.True(Time.HasNoTimer);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_first_failure_is_thrown_and_the_start_can_be_repeated()
    {
        WorkEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = Create();
        AttemptFails(new InvalidOperationException("first"));
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);

        Assert.Equal("first", (await Assert.ThrowsAsync<InvalidOperationException>(() => supervisor.StartAsync(Cancel))).Message);
        Assert.Null(supervisor.Current);
        Assert.False(waiting.IsCompleted);
        Assert.False(supervisor.FirstFailure.IsCompleted);

        AttemptOpens(First);
        await supervisor.StartAsync(Cancel);
        Assert.Same(First, await waiting.WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_start_can_be_cancelled()
    {
        WorkEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = Create();
        using var cancellation = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Attempts.Enqueue(token => BlockAsync(begun, token));
        Task start = supervisor.StartAsync(cancellation.Token);
        await begun.Task.WaitAsync(Bounds.Soon, Cancel);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task In_the_background_attempts_are_repeated_from_the_first()
    {
        WorkEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = Create();
        AttemptFails(new InvalidOperationException("not there."));
        AttemptFails(new RpcConnectionException("nor now"));
        AttemptOpens(First);

        supervisor.StartInBackground();
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);

        await supervisor.FirstFailure.WaitAsync(Bounds.Soon, Cancel);
        await PassDelayAsync(50);
        await PassDelayAsync(100);
        Assert.Equal("opened", await NextEventAsync());
        Assert.Same(First, await waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(3, AttemptCount);
        Assert.Equal([3, 3, 6], Log.Entries.Select(entry => entry.Id));
        Assert.Equal("The thing could not be opened: not there. Another attempt follows.", Log.Entries[0].Message);
        Assert.IsType<InvalidOperationException>(Log.Entries[0].Exception); // unexpected: with its stack trace
        Assert.Null(Log.Entries[1].Exception);
        Assert.Equal("nor now", supervisor.DownReason);
    }
}
