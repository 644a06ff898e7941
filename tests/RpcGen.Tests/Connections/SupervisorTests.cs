using System.Threading.Channels;
using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

/// <summary>Walks every move of the table at <see cref="Supervisor{T}"/>.</summary>
public sealed class SupervisorTests
{
    private static readonly AsyncLocal<string?> Ambient = new();

    private readonly ManualTime _time = new();
    private readonly RecordingLogger _log = new();
    private readonly Queue<Func<CancellationToken, Task<SupervisedThing>>> _attempts = new();
    private readonly List<TransportClosure?> _lastClosures = [];
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _workEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SupervisedThing _first = new();
    private readonly SupervisedThing _second = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Started_and_opened()
    {
        _workEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = Create();
        Assert.Null(supervisor.Current);
        Assert.Equal("it was never open", supervisor.DownReason);
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);
        AttemptOpens(_first);

        await supervisor.StartAsync(Cancel);

        Assert.Same(_first, supervisor.Current);
        Assert.Same(_first, await waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal("opened", await NextEventAsync());
        Assert.Equal([null], _lastClosures);
        Assert.Empty(_log.Entries);
        Assert.True(_time.HasNoTimer);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_first_failure_is_thrown_and_the_start_can_be_repeated()
    {
        _workEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = Create();
        AttemptFails(new InvalidOperationException("first"));
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);

        Assert.Equal("first", (await Assert.ThrowsAsync<InvalidOperationException>(() => supervisor.StartAsync(Cancel))).Message);
        Assert.Null(supervisor.Current);
        Assert.False(waiting.IsCompleted);
        Assert.False(supervisor.FirstFailure.IsCompleted);

        AttemptOpens(_first);
        await supervisor.StartAsync(Cancel);
        Assert.Same(_first, await waiting.WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_start_can_be_cancelled()
    {
        _workEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = Create();
        using var cancellation = new CancellationTokenSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _attempts.Enqueue(token => BlockAsync(begun, token));
        Task start = supervisor.StartAsync(cancellation.Token);
        await begun.Task.WaitAsync(Bounds.Soon, Cancel);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Disposal_cancels_a_start()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _attempts.Enqueue(token => BlockAsync(begun, token));
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
        _attempts.Enqueue(_ => opening.Task);
        Task start = supervisor.StartAsync(Cancel);
        await supervisor.DisposeAsync();

        opening.SetResult(_first);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => start.WaitAsync(Bounds.Soon, Cancel));
        Assert.True(_first.Disposed.IsCompleted);
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
        Assert.Empty(_lastClosures);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task In_the_background_attempts_are_repeated_from_the_first()
    {
        _workEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = Create();
        AttemptFails(new InvalidOperationException("not there."));
        AttemptFails(new RpcConnectionException("nor now"));
        AttemptOpens(_first);

        supervisor.StartInBackground();
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);

        await supervisor.FirstFailure.WaitAsync(Bounds.Soon, Cancel);
        await PassDelayAsync(50);
        await PassDelayAsync(100);
        Assert.Equal("opened", await NextEventAsync());
        Assert.Same(_first, await waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal([null, null, null], _lastClosures);
        Assert.Equal([3, 3, 6], _log.Entries.Select(entry => entry.Id));
        Assert.Equal("The thing could not be opened: not there. Another attempt follows.", _log.Entries[0].Message);
        Assert.IsType<InvalidOperationException>(_log.Entries[0].Exception); // unexpected: with its stack trace
        Assert.Null(_log.Entries[1].Exception);
        Assert.Equal("nor now", supervisor.DownReason);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Lost_and_reopened_through_failures()
    {
        _workEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = await StartedAsync();
        var later = new TransportClosure("later");
        AttemptFails(new TransportClosedException(later, nothingSent: true));
        AttemptFails(new TransportRefusedException(AmqpReplyCodes.NotFound, "no queue"));
        AttemptOpens(_second);

        _first.Lose("torn");

        Assert.Equal("lost: torn", await NextEventAsync());
        Assert.Null(supervisor.Current);
        Assert.Equal("torn", supervisor.DownReason);
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);
        await PassDelayAsync(50);
        await PassDelayAsync(100);
        await PassDelayAsync(200);
        Assert.Equal("opened", await NextEventAsync());
        Assert.Same(_second, supervisor.Current);
        Assert.Same(_second, await waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.True(_first.Disposed.IsCompleted);
        Assert.Equal([null, "torn", "later", "later"], _lastClosures.Select(closure => closure?.Reason));
        Assert.Equal([1, 3, 3, 2], _log.Entries.Select(entry => entry.Id));
        Assert.All(_log.Entries, entry => Assert.Null(entry.Exception));
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [InlineData(500, 100)]
    [InlineData(501, 50)]
    public async Task The_backoff_restarts_if_the_object_was_stable(int openFor, int nextDelay)
    {
        _workEnded.SetResult();
        await using Supervisor<SupervisedThing> supervisor = await StartedAsync();
        AttemptOpens(_second);
        AttemptOpens(new SupervisedThing());
        _first.Lose("torn");
        Assert.Equal("lost: torn", await NextEventAsync());
        await PassDelayAsync(50);
        Assert.Equal("opened", await NextEventAsync());

        _time.Advance(TimeSpan.FromMilliseconds(openFor));
        _second.Lose("again");

        await PassDelayAsync(nextDelay);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Disposal_closes_what_is_open_after_its_work_has_ended()
    {
        Supervisor<SupervisedThing> supervisor = await StartedAsync();
        Task disposal = supervisor.DisposeAsync().AsTask();

        Assert.Equal("closing", await NextEventAsync());
        Assert.False(_first.Disposed.IsCompleted);
        Assert.Same(_first, supervisor.Current);
        _workEnded.SetResult();

        Assert.Equal("lost: it was closed by this application", await NextEventAsync());
        await disposal.WaitAsync(Bounds.Soon, Cancel);
        Assert.True(_first.Disposed.IsCompleted);
        Assert.Null(supervisor.Current);
        Assert.Empty(_log.Entries); // no warning of a loss
        await Assert.ThrowsAsync<ObjectDisposedException>(() => supervisor.GetAsync(Cancel));
        await supervisor.DisposeAsync();
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Disposal_while_reopening_ends_every_wait()
    {
        Supervisor<SupervisedThing> supervisor = await StartedAsync();
        _first.Lose("torn");
        Assert.Equal("lost: torn", await NextEventAsync());
        await _time.NextTimerAsync();
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);

        await supervisor.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.Single(_lastClosures);
        Assert.Equal(0, _events.Reader.Count); // nothing was open that could be closing
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Disposal_cancels_an_attempt_in_the_background()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _attempts.Enqueue(token => BlockAsync(begun, token));
        supervisor.StartInBackground();
        Task<SupervisedThing> waiting = supervisor.GetAsync(Cancel);
        await begun.Task.WaitAsync(Bounds.Soon, Cancel);

        await supervisor.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Bounds.Soon, Cancel));
        Assert.False(supervisor.FirstFailure.IsCompleted);
        Assert.Empty(_log.Entries);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task What_opens_in_the_background_after_disposal_is_closed_with_its_callbacks_in_pairs()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var opening = new TaskCompletionSource<SupervisedThing>(TaskCreationOptions.RunContinuationsAsynchronously);
        _attempts.Enqueue(_ =>
        {
            begun.SetResult();
            return opening.Task;
        });
        supervisor.StartInBackground();
        await begun.Task.WaitAsync(Bounds.Soon, Cancel);
        Task disposal = supervisor.DisposeAsync().AsTask();
        _workEnded.SetResult();

        opening.SetResult(_first);

        await disposal.WaitAsync(Bounds.Soon, Cancel);
        Assert.True(_first.Disposed.IsCompleted);
        Assert.Equal(["opened", "closing", "lost: it was closed by this application"], [await NextEventAsync(), await NextEventAsync(), await NextEventAsync()]);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => supervisor.GetAsync(Cancel));
    }

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
        AttemptOpens(_second);
        await supervisor.StartAsync(Cancel);

        first.Lose("torn");
        await PassDelayAsync(50);
        Assert.Same(_second, await supervisor.GetAsync(Cancel).WaitAsync(Bounds.Soon, Cancel));
        await supervisor.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        Assert.Equal(
            ["opened", "lost", "disposal", "opened", "closing", "lost"],
            _log.Entries.Where(entry => entry.Id == 5).Select(entry => entry.Exception!.Message));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Callbacks_are_optional()
    {
        var supervisor = new Supervisor<SupervisedThing>("The thing", OpenAsync, Environment());
        AttemptOpens(_first);
        await supervisor.StartAsync(Cancel);

        await supervisor.DisposeAsync().AsTask().WaitAsync(Bounds.Soon, Cancel);

        Assert.Empty(_log.Entries);
        Assert.True(_first.Disposed.IsCompleted);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Ambient_values_of_the_caller_do_not_flow_into_what_outlives_it()
    {
        Ambient.Value = "the caller's";
        var seen = new List<string?>();
        await using var supervisor = new Supervisor<SupervisedThing>(
            "The thing",
            (_, _) =>
            {
                seen.Add(Ambient.Value);
                return Task.FromResult(_first);
            },
            Environment()) { OnOpened = _ => seen.Add(Ambient.Value) };
        await using var inBackground = new Supervisor<SupervisedThing>(
            "The thing",
            (_, _) =>
            {
                seen.Add(Ambient.Value);
                return Task.FromResult(_second);
            },
            Environment());

        await supervisor.StartAsync(Cancel);
        await supervisor.DisposeAsync();
        inBackground.StartInBackground();
        await inBackground.GetAsync(Cancel).WaitAsync(Bounds.Soon, Cancel);

        Assert.Equal([null, null, null], seen);
        Assert.Equal("the caller's", Ambient.Value);
    }

    private static async Task<SupervisedThing> BlockAsync(TaskCompletionSource begun, CancellationToken cancellationToken)
    {
        begun.SetResult();
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return null!;
    }

    private async Task<Supervisor<SupervisedThing>> StartedAsync()
    {
        Supervisor<SupervisedThing> supervisor = Create();
        AttemptOpens(_first);
        await supervisor.StartAsync(Cancel);
        Assert.Equal("opened", await NextEventAsync());
        return supervisor;
    }

    private void AttemptOpens(SupervisedThing thing) => _attempts.Enqueue(_ => Task.FromResult(thing));

    private void AttemptFails(Exception exception) => _attempts.Enqueue(_ => throw exception);

    /// <summary>Expects a delay, whose random half is left out, and lets it pass.</summary>
    private async Task PassDelayAsync(int milliseconds)
    {
        var expected = TimeSpan.FromMilliseconds(milliseconds);
        Assert.Equal(expected, await _time.NextTimerAsync());
        _time.Advance(expected);
    }

    private async Task<string> NextEventAsync() => await _events.Reader.ReadAsync(Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);

    private Task<SupervisedThing> OpenAsync(TransportClosure? lastClosure, CancellationToken cancellationToken)
    {
        _lastClosures.Add(lastClosure);
        return _attempts.Dequeue()(cancellationToken);
    }

    private RpcEnvironment Environment() => new(_time, new FixedRandom(0), _log);

    private Supervisor<SupervisedThing> Create() => new("The thing", OpenAsync, Environment())
    {
        OnOpened = _ => _events.Writer.TryWrite("opened"),
        OnLost = (_, closure) => _events.Writer.TryWrite($"lost: {closure.Reason}"),
        OnClosing = _ =>
        {
            _events.Writer.TryWrite("closing");
            return _workEnded.Task;
        },
    };
}
