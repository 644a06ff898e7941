using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

public sealed class SupervisorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Queue<Func<Thing>> _openings = new();
    private readonly SemaphoreSlim _opened = new(0);
    private readonly List<string> _events = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_failure_is_thrown()
    {
        await using Supervisor<Thing> supervisor = Create();
        _openings.Enqueue(() => throw new InvalidOperationException("first"));

        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => supervisor.StartAsync(Cancel));

        Assert.Equal("first", thrown.Message);
        Assert.Null(supervisor.Current);
    }

    [Fact]
    public async Task What_is_lost_is_opened_again_through_failures()
    {
        await using Supervisor<Thing> supervisor = Create();
        Thing first = Expect();
        await supervisor.StartAsync(Cancel);
        Assert.Same(first, supervisor.Current);
        await _opened.WaitAsync(Cancel);
        _openings.Enqueue(() => throw new InvalidOperationException("not yet"));
        _openings.Enqueue(() => throw new InvalidOperationException("nor now"));
        Thing second = Expect();

        Task<Thing>? waiting = null;
        first.Lose("torn");
        while (_openings.Count > 0 || supervisor.Current != second)
        {
            if (supervisor.Current is null)
            {
                waiting ??= supervisor.GetAsync(Cancel);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, Cancel);
        }

        Assert.Same(second, await supervisor.GetAsync(Cancel));
        Assert.True(waiting is null || await waiting == second);
        Assert.True(first.IsDisposed);
        Assert.Equal(["opened", "lost: torn", "opened"], _events);
    }

    [Fact]
    public async Task In_the_background_failures_are_met_with_patience_from_the_first()
    {
        await using Supervisor<Thing> supervisor = Create();
        _openings.Enqueue(() => throw new InvalidOperationException("not there."));
        Thing first = Expect();

        supervisor.StartInBackground();
        Task<Thing> waiting = supervisor.GetAsync(Cancel);
        await supervisor.FirstFailure.WaitAsync(Cancel);
        Assert.Null(supervisor.Current);
        Assert.Equal("not there", supervisor.Trouble); // a clause
        while (supervisor.Current is null)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, Cancel);
        }

        Assert.Same(first, await waiting);
        Assert.Equal(["opened"], _events);
    }

    [Fact]
    public async Task Disposal_ends_attempts_in_the_background()
    {
        Supervisor<Thing> supervisor = Create();
        _openings.Enqueue(() => throw new InvalidOperationException("not there."));
        supervisor.StartInBackground();
        Task<Thing> waiting = supervisor.GetAsync(Cancel);
        await supervisor.FirstFailure.WaitAsync(Cancel);

        await supervisor.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        Assert.Throws<ObjectDisposedException>(supervisor.StartInBackground);
    }

    [Fact]
    public async Task Disposal_closes_what_is_open_and_ends_every_wait()
    {
        Supervisor<Thing> supervisor = Create();
        Thing first = Expect();
        await supervisor.StartAsync(Cancel);
        await _opened.WaitAsync(Cancel);
        first.Lose("torn");
        while (supervisor.Current is not null)
        {
            await Task.Yield();
        }

        Task<Thing> waiting = supervisor.GetAsync(Cancel);
        await supervisor.DisposeAsync();
        await supervisor.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => supervisor.GetAsync(Cancel));
    }

    [Fact]
    public void Delays_grow_to_three_seconds_and_vary()
    {
        var backoff = new Backoff(SystemRandomSource.Instance);
        TimeSpan[] delays = [.. Enumerable.Range(0, 50).Select(_ => backoff.Next())];

        Assert.InRange(delays[0], TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));
        Assert.All(delays[10..], delay => Assert.InRange(delay, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3)));
        Assert.NotEqual(1, delays[10..].Distinct().Count());
        backoff.Reset();
        Assert.InRange(backoff.Next(), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100));
    }

    private Thing Expect()
    {
        var thing = new Thing();
        _openings.Enqueue(() => thing);
        return thing;
    }

    private Supervisor<Thing> Create() => new(
        "thing",
        (_, _) => Task.FromResult(_openings.Dequeue()()),
        new RpcEnvironment(_time, SystemRandomSource.Instance, NullLogger.Instance))
    {
        Opened = _ =>
        {
            _events.Add("opened");
            _opened.Release();
        },
        Lost = (_, closure) => _events.Add($"lost: {closure.Reason}"),
    };

    private sealed class Thing : ISupervised
    {
        private readonly TaskCompletionSource<TransportClosure> _closed = new();

        public Task<TransportClosure> Closed => _closed.Task;

        public bool IsDisposed { get; private set; }

        public void Lose(string reason) => _closed.SetResult(new TransportClosure(reason));

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return default;
        }
    }
}
