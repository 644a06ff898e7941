using System.Threading.Channels;
using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

/// <summary>The base of tests that walk the moves of the table at <see cref="Supervisor{T}"/>.</summary>
public abstract class SupervisorTest
{
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected ManualTime Time { get; } = new();

    private protected RecordingLogger Log { get; } = new();

    /// <summary>The results of the next attempts to open.</summary>
    private protected Queue<Func<CancellationToken, Task<SupervisedThing>>> Attempts { get; } = new();

    /// <summary>How often an attempt to open was made.</summary>
    private protected int AttemptCount { get; private set; }

    private protected Channel<string> Events { get; } = Channel.CreateUnbounded<string>();

    /// <summary>Ends the callback that runs before the close.</summary>
    private protected TaskCompletionSource WorkEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected SupervisedThing First { get; } = new();

    private protected SupervisedThing Second { get; } = new();

    private protected static async Task<SupervisedThing> BlockAsync(TaskCompletionSource begun, CancellationToken cancellationToken)
    {
        begun.SetResult();
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return null!;
    }

    private protected async Task<Supervisor<SupervisedThing>> StartedAsync()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        AttemptOpens(First);
        await supervisor.StartAsync(Cancel);
        Assert.Equal("opened", await NextEventAsync());
        return supervisor;
    }

    private protected void AttemptOpens(SupervisedThing thing) => Attempts.Enqueue(_ => Task.FromResult(thing));

    private protected void AttemptFails(Exception exception) => Attempts.Enqueue(_ => throw exception);

    /// <summary>Expects a delay without its random half, and lets it pass.</summary>
    private protected async Task PassDelayAsync(int milliseconds)
    {
        var expected = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Equal(expected, await Time.NextTimerAsync());
        Time.Advance(expected);
    }

    private protected async Task<string> NextEventAsync() => await Events.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);

    private protected Task<SupervisedThing> OpenAsync(CancellationToken cancellationToken)
    {
        AttemptCount++;
        return Attempts.Dequeue()(cancellationToken);
    }

    private protected RpcEnvironment Environment() => new(Time, new FixedRandom(0), Log);

    private protected Supervisor<SupervisedThing> Create() => new("The thing", OpenAsync, Environment())
    {
        OnOpened = _ => Events.Writer.TryWrite("opened"),
        OnLost = (_, closure) => Events.Writer.TryWrite($"lost: {closure.Reason}"),
        OnClosing = _ =>
        {
            Events.Writer.TryWrite("closing");
            return WorkEnded.Task;
        },
    };
}
