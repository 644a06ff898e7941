using RpcGen.Connections;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Connections;

/// <summary>Callbacks that are missing or throw, and the context that they run in.</summary>
public sealed class SupervisorCallbackTests : SupervisorTest
{
    private static readonly AsyncLocal<string?> Ambient = new();

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Callbacks_that_throw_are_logged_and_end_nothing()
    {
        var supervisor = new Supervisor<SupervisedThing>("The thing", OpenAsync, Environment())
        {
            OnOpened = _ => throw new InvalidOperationException("opened"),
            OnLost = (_, _) => throw new InvalidOperationException("lost"),
            OnClosing = _ => throw new InvalidOperationException("closing"),
        };
        var first = new SupervisedThing { FailureOfDisposal = new IOException("disposal") };
        AttemptOpens(first);
        AttemptOpens(Second);
        await supervisor.StartAsync(Cancel);

        first.Lose("torn");
        await PassDelayAsync(50);
        Assert.Same(Second, await supervisor.GetAsync(Cancel).WaitAsync(Bounds.Soon, Cancel));
        await supervisor.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        Assert.Equal(
            ["opened", "lost", "disposal", "opened", "closing", "lost"],
            Log.Entries.Where(entry => entry.Id == 5).Select(entry => entry.Exception!.Message));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Callbacks_are_optional()
    {
        var supervisor = new Supervisor<SupervisedThing>("The thing", OpenAsync, Environment());
        AttemptOpens(First);
        await supervisor.StartAsync(Cancel);

        await supervisor.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        Assert.Empty(Log.Entries);
        Assert.True(First.Disposed.IsCompleted);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Ambient_values_of_the_caller_do_not_flow_into_what_outlives_it()
    {
        Ambient.Value = "the caller's";
        var seen = new List<string?>();
        await using var supervisor = new Supervisor<SupervisedThing>(
            "The thing",
            _ =>
            {
                seen.Add(Ambient.Value);
                return Task.FromResult(First);
            },
            Environment()) { OnOpened = _ => seen.Add(Ambient.Value) };
        await using var inBackground = new Supervisor<SupervisedThing>(
            "The thing",
            _ =>
            {
                seen.Add(Ambient.Value);
                return Task.FromResult(Second);
            },
            Environment());

        await supervisor.StartAsync(Cancel);
        await supervisor.DisposeAsync();
        inBackground.StartInBackground();
        await inBackground.GetAsync(Cancel).WaitAsync(Bounds.Soon, Cancel);

        Assert.Equal([null, null, null], seen);
        Assert.Equal("the caller's", Ambient.Value);
    }
}
