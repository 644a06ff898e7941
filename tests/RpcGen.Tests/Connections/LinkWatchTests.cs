using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

/// <summary>The moves of <see cref="LinkWatch"/>, with a clock that the tests move.</summary>
public sealed class LinkWatchTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly FakeProbe _probe = new();
    private readonly FakeConnection _connection = new();
    private readonly RecordingLogger _log = new();
    private bool _isAwaiting = true;
    private Task _watching = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _connection.Probe = _probe;
        _watching = LinkWatch.RunAsync("The connection", _connection, () => _isAwaiting, new RpcEnvironment(_time, new FixedRandom(0), _log));
        await AwaitTimerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Close("the test is over");
        await _watching.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_way_on_which_nothing_comes_back_is_cut_after_four_seconds()
    {
        await PassAsync(milliseconds: 3750);
        Assert.Null(_probe.CutReason);

        await PassAsync(milliseconds: 250);

        Assert.StartsWith("the network is cut, or the broker hangs", _probe.CutReason, StringComparison.Ordinal);
        Assert.Equal((1, 1), (_probe.Questions, _probe.SecondConnections));
        await _watching.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
        Assert.True(_probe.IsSecondGivenUp);
    }

    [Fact]
    public async Task A_question_that_is_answered_is_asked_once_a_second()
    {
        _probe.AnswersQuestions = true;

        await PassAsync(milliseconds: 60_000);

        Assert.Equal((0, null), (_probe.SecondConnections, _probe.CutReason));
        Assert.Equal(48, _probe.Questions); // 4 ticks of silence, and the one that sees the answer
    }

    [Fact]
    public async Task Nothing_is_asked_while_something_arrives()
    {
        for (int i = 0; i < 100; i++)
        {
            _probe.Received++;
            await PassAsync(milliseconds: 1000);
        }

        Assert.Equal(0, _probe.Questions);
    }

    [Fact]
    public async Task Nothing_is_asked_while_nothing_is_awaited()
    {
        _isAwaiting = false;

        await PassAsync(milliseconds: 60_000);

        Assert.Equal((0, null), (_probe.Questions, _probe.CutReason));
    }

    [Fact]
    public async Task What_is_awaited_later_is_overdue_a_second_later()
    {
        _isAwaiting = false;
        await PassAsync(milliseconds: 10_000);
        _isAwaiting = true;

        await PassAsync(milliseconds: 750);
        Assert.Equal(0, _probe.Questions);
        await PassAsync(milliseconds: 250);

        Assert.Equal(1, _probe.Questions);
    }

    [Fact]
    public async Task The_watch_goes_on_with_its_question_if_nothing_else_is_awaited_any_longer()
    {
        await PassAsync(milliseconds: 1000);
        _isAwaiting = false; // the call timed out

        await PassAsync(milliseconds: 3000);

        Assert.NotNull(_probe.CutReason);
    }

    [Fact]
    public async Task A_pause_of_the_process_is_one_tick()
    {
        await PassAsync(milliseconds: 750);

        await PauseAsync(TimeSpan.FromMinutes(10)); // a debugger

        Assert.Equal((1, 0, null), (_probe.Questions, _probe.SecondConnections, _probe.CutReason));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(2500)]
    [InlineData(3750)]
    public async Task Whatever_arrives_ends_the_suspicion(int milliseconds)
    {
        await PassAsync(milliseconds);
        _probe.Received++;

        await PassAsync(milliseconds: 1000);

        Assert.Null(_probe.CutReason);
        Assert.Equal(milliseconds > 2000, _probe.IsSecondGivenUp);
    }

    [Fact]
    public async Task A_question_is_not_repeated_while_it_is_unanswered()
    {
        for (int i = 0; i < 10; i++)
        {
            await PassAsync(milliseconds: 1500);
            _probe.Received++; // something else arrives
            await PassAsync(milliseconds: 250);
        }

        Assert.Equal(1, _probe.Questions);
    }

    [Fact]
    public async Task A_broker_that_blocks_publishers_is_not_asked()
    {
        _connection.Block("low on memory");

        await PassAsync(milliseconds: 60_000);

        Assert.Equal((0, null), (_probe.Questions, _probe.CutReason));
    }

    [Fact]
    public async Task A_broker_that_blocks_publishers_after_the_question_is_not_given_up()
    {
        await PassAsync(milliseconds: 2500);
        _connection.Block("low on memory");

        await PassAsync(milliseconds: 60_000);

        Assert.Equal((1, null, true), (_probe.SecondConnections, _probe.CutReason, _probe.IsSecondGivenUp));
    }

    [Fact]
    public async Task A_connection_that_is_held_up_stays_open_and_is_checked_again()
    {
        _probe.AnswersSecondConnection = true;
        await PassAsync(milliseconds: 2250);
        Assert.Contains(_log.Entries, entry => entry.Message.Contains("is held up", StringComparison.Ordinal));

        await PassAsync(milliseconds: 4750);
        Assert.Equal((1, null), (_probe.SecondConnections, _probe.CutReason));
        _probe.AnswersSecondConnection = null;
        await PassAsync(milliseconds: 250);
        Assert.Equal((2, null), (_probe.SecondConnections, _probe.CutReason));
        await PassAsync(milliseconds: 2000);

        Assert.NotNull(_probe.CutReason);
    }

    [Fact]
    public async Task A_second_connection_that_cannot_be_opened_counts_as_silent()
    {
        _probe.AnswersSecondConnection = false;

        await PassAsync(milliseconds: 4000);

        Assert.NotNull(_probe.CutReason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Segments_that_are_not_acknowledged_for_four_seconds_end_the_connection(bool isBlocked)
    {
        _connection.Block(isBlocked ? "low on memory" : null);
        _probe.Progress = new SendProgress(IsPending: true, Retransmissions: 3, AcknowledgedOctets: 100);
        await PassArrivingAsync(milliseconds: 4000); // the first tick learns where the acknowledgements stand
        Assert.Null(_probe.CutReason);

        await PassArrivingAsync(milliseconds: 250);

        Assert.StartsWith("the network is cut: the broker's host has acknowledged nothing", _probe.CutReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 3)] // a window of zero: nothing is on its way
    [InlineData(true, 2)] // a long way
    public async Task Segments_that_are_not_retransmitted_are_no_sign(bool isPending, int retransmissions)
    {
        _probe.Progress = new SendProgress(isPending, retransmissions, AcknowledgedOctets: 100);

        await PassArrivingAsync(milliseconds: 60_000);

        Assert.Null(_probe.CutReason);
    }

    [Fact]
    public async Task Acknowledgements_that_go_on_are_no_sign()
    {
        for (ulong acknowledged = 0; acknowledged < 20; acknowledged++)
        {
            _probe.Progress = new SendProgress(IsPending: true, Retransmissions: 5, acknowledged);
            await PassArrivingAsync(milliseconds: 3750);
        }

        Assert.Null(_probe.CutReason);
    }

    [Fact]
    public async Task The_watch_ends_with_the_connection()
    {
        await PassAsync(milliseconds: 2500);

        _connection.Close("closed");

        await _watching.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
        Assert.True(_probe.IsSecondGivenUp);
    }

    [Fact]
    public async Task A_broker_in_this_process_is_not_watched()
    {
        _connection.Probe = null;

        await LinkWatch.RunAsync("The connection", _connection, () => true, new RpcEnvironment(_time, new FixedRandom(0), _log))
            .WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
    }

    /// <summary>Lets time pass, tick by tick.</summary>
    private async Task PassAsync(int milliseconds)
    {
        for (int passed = 0; passed < milliseconds && _probe.CutReason is null; passed += (int)LinkWatch.Tick.TotalMilliseconds)
        {
            await PauseAsync(LinkWatch.Tick);
        }
    }

    /// <summary>As <see cref="PassAsync"/>, while something arrives.</summary>
    private async Task PassArrivingAsync(int milliseconds)
    {
        for (int passed = 0; passed < milliseconds && _probe.CutReason is null; passed += (int)LinkWatch.Tick.TotalMilliseconds)
        {
            _probe.Received++;
            await PauseAsync(LinkWatch.Tick);
        }
    }

    private async Task PauseAsync(TimeSpan length)
    {
        _time.Advance(length);
        await AwaitTimerAsync();
    }

    /// <summary>Waits until the watch has looked at the connection: it starts its next timer, or ends.</summary>
    private async Task AwaitTimerAsync()
    {
        Task<TimeSpan> timer = _time.NextTimerAsync();
        await Task.WhenAny(timer, _watching).WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
        if (timer.IsCompleted)
        {
            Assert.Equal(LinkWatch.Tick, await timer);
        }
    }
}
