using RpcGen.Connections;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Connections;

/// <summary>Disposal in every state.</summary>
public sealed class SupervisorDisposalTests : SupervisorTest
{
    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Disposal_cancels_a_start()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Attempts.Enqueue(token => BlockAsync(begun, token));
        Task start = supervisor.StartAsync(Cancel);
        await begun.Task.WaitAsync(Bounds.Soon, Cancel);

        await supervisor.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.WaitAsync(Bounds.Soon, Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => supervisor.StartAsync(Cancel));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task What_a_start_opens_after_disposal_is_closed()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        var opening = new TaskCompletionSource<SupervisedThing>(TaskCreationOptions.RunContinuationsAsynchronously);
        Attempts.Enqueue(_ => opening.Task);
        Task start = supervisor.StartAsync(Cancel);
        await supervisor.DisposeAsync();

        opening.SetResult(First);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => start.WaitAsync(Bounds.Soon, Cancel));
        Assert.True(First.Disposed.IsCompleted);
        Assert.Null(supervisor.Current);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Nothing_starts_after_disposal()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);
        await supervisor.DisposeAsync();
        await supervisor.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => supervisor.GetAsync(Cancel));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => supervisor.StartAsync(Cancel));
        Assert.Throws<ObjectDisposedException>(supervisor.StartInBackground);
        Assert.Equal(0, AttemptCount);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Disposal_closes_what_is_open_after_its_work_has_ended()
    {
        Supervisor<SupervisedThing> supervisor = await StartedAsync();
        Task disposal = supervisor.DisposeAsync().AsTask();

        Assert.Equal("closing", await NextEventAsync());
        Assert.False(First.Disposed.IsCompleted);
        Assert.Same(First, supervisor.Current);
        WorkEnded.SetResult();

        Assert.Equal("lost: it was closed by this application", await NextEventAsync());
        await disposal.WaitAsync(Bounds.Soon, Cancel);
        Assert.True(First.Disposed.IsCompleted);
        Assert.Null(supervisor.Current);
        Assert.Empty(Log.Entries); // no warning of a loss
        await Assert.ThrowsAsync<ObjectDisposedException>(() => supervisor.GetAsync(Cancel));
        await supervisor.DisposeAsync();
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Disposal_while_reopening_ends_every_wait()
    {
        Supervisor<SupervisedThing> supervisor = await StartedAsync();
        First.Lose("torn");
        Assert.Equal("lost: torn", await NextEventAsync());
        await Time.NextTimerAsync();
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);

        await supervisor.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(1, AttemptCount);
        Assert.Equal(0, Events.Reader.Count); // nothing was open that could be closing
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Disposal_cancels_an_attempt_in_the_background()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Attempts.Enqueue(token => BlockAsync(begun, token));
        supervisor.StartInBackground();
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);
        await begun.Task.WaitAsync(Bounds.Soon, Cancel);

        await supervisor.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.False(supervisor.FirstFailure.IsCompleted);
        Assert.Empty(Log.Entries);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task What_opens_in_the_background_after_disposal_is_closed_with_its_callbacks_in_pairs()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var opening = new TaskCompletionSource<SupervisedThing>(TaskCreationOptions.RunContinuationsAsynchronously);
        Attempts.Enqueue(_ =>
        {
            begun.SetResult();
            return opening.Task;
        });
        supervisor.StartInBackground();
        await begun.Task.WaitAsync(Bounds.Soon, Cancel);
        Task disposal = supervisor.DisposeAsync().AsTask();
        WorkEnded.SetResult();

        opening.SetResult(First);

        await disposal.WaitAsync(Bounds.Soon, Cancel);
        Assert.True(First.Disposed.IsCompleted);
        Assert.Equal(["opened", "closing", "lost: it was closed by this application"], [await NextEventAsync(), await NextEventAsync(), await NextEventAsync()]);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => supervisor.GetAsync(Cancel));
    }
}
