using Polly.CircuitBreaker;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Resilience;

/// <summary>Which calls the standard pipeline repeats, and when.</summary>
public sealed class StandardPipelineTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static RpcStandardResilienceOptions AtOnce => new() { Delay = TimeSpan.Zero };

    public static TheoryData<string, bool, bool> Failures => new()
    {
        { "unavailable", false, true },
        { "connection, not started", false, true },
        { "connection", false, false },
        { "connection", true, true },
        { "timeout, not started", false, true },
        { "timeout", false, false },
        { "timeout", true, true },
        { "timeout, started", true, true },
        { "timeout, started", false, false },
        { "validation", true, false },
        { "protocol", true, false },
        { "denied", true, false },
        { "remote", true, false },
        { "declared", true, false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Repeats_what_is_transient_and_did_not_run_or_is_idempotent(string failure, bool isIdempotent, bool isRepeated)
    {
        Exception exception = Create(failure);
        var script = new Script(AtOnce, isIdempotent, exception, null);

        if (isRepeated)
        {
            Assert.Equal("paid", await script.CallAsync());
        }
        else
        {
            Assert.Same(exception, await Assert.ThrowsAnyAsync<Exception>(() => script.CallAsync()));
        }

        Assert.Equal(isRepeated ? 2 : 1, script.Attempts);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 4)]
    public async Task Gives_up_with_the_last_failure(int retries, int attempts)
    {
        Exception last = Create("unavailable");
        var script = new Script(new RpcStandardResilienceOptions { Delay = TimeSpan.Zero, MaxRetryAttempts = retries }, isIdempotent: false, last);

        Assert.Same(last, await Assert.ThrowsAsync<RpcUnavailableException>(() => script.CallAsync()));
        Assert.Equal(attempts, script.Attempts);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Waits_as_long_as_the_server_asks_and_varies()
    {
        var script = new Script(new RpcStandardResilienceOptions(), isIdempotent: false, Overloaded(8 * Second), null);

        Task<string> call = script.CallAsync();
        await script.NextAttemptAsync();
        Assert.InRange(await script.Time.NextTimerAsync(), 8 * Second, 10 * Second);
        script.Time.Advance(8 * Second - TimeSpan.FromTicks(1));
        Assert.Equal(1, script.Attempts);
        script.Time.Advance(3 * Second);

        Assert.Equal("paid", await call);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Pauses_between_attempts()
    {
        var script = new Script(new RpcStandardResilienceOptions { Delay = TimeSpan.FromHours(1) }, isIdempotent: false, Create("unavailable"), null);

        Task<string> call = script.CallAsync();
        Assert.InRange(await script.Time.NextTimerAsync(), TimeSpan.FromTicks(1), TimeSpan.FromHours(2));
        Assert.Equal(1, script.Attempts);
        script.Time.Advance(TimeSpan.FromHours(2));

        Assert.Equal("paid", await call);
    }

    [Theory]
    [InlineData(7.5)]
    [InlineData(8)]
    public async Task Does_not_wait_longer_than_the_call_can_take(double timeout)
    {
        Exception refusal = Overloaded(8 * Second);
        var script = new Script(new RpcStandardResilienceOptions(), isIdempotent: false, refusal, null);

        Assert.Same(refusal, await Assert.ThrowsAsync<RpcUnavailableException>(() => script.CallAsync(timeout * Second)));
    }

    [Fact]
    public async Task A_handler_without_time_does_not_repeat_its_calls()
    {
        using var handling = new RpcGen.Testing.RpcTestCall { Timeout = TimeSpan.Zero }.Enter();
        var script = new Script(AtOnce, isIdempotent: true, Create("timeout, not started"), null);

        await Assert.ThrowsAsync<RpcTimeoutException>(() => script.CallAsync());
        Assert.Equal(1, script.Attempts);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_caller_can_cancel_the_pause()
    {
        using var cancelled = new CancellationTokenSource();
        var script = new Script(new RpcStandardResilienceOptions(), isIdempotent: false, Overloaded(8 * Second)) { Token = cancelled.Token };

        Task<string> call = script.CallAsync();
        await script.Time.NextTimerAsync();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(1, script.Attempts);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Attempts_have_a_time_limit_of_their_own_within_that_of_the_call()
    {
        var script = new Script(new RpcStandardResilienceOptions { AttemptTimeout = 2 * Second }, isIdempotent: false, Overloaded(4 * Second));

        Task<string> call = script.CallAsync(11 * Second);
        Assert.Equal(2 * Second, await script.NextAttemptAsync());
        await script.Time.NextTimerAsync();
        script.Time.Advance(5 * Second);
        Assert.Equal(7 * Second, await script.NextAttemptAsync()); // 5 s after the start
        await script.Time.NextTimerAsync();
        script.Time.Advance(5 * Second);
        Assert.Equal(11 * Second, await script.NextAttemptAsync()); // only 1 s remains

        await Assert.ThrowsAsync<RpcUnavailableException>(() => call);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_call_without_a_time_limit_can_have_attempts_with_one()
    {
        var script = new Script(new RpcStandardResilienceOptions { AttemptTimeout = 2 * Second }, isIdempotent: false, Overloaded(4 * Second), null);

        Task<string> call = script.CallAsync(Timeout.InfiniteTimeSpan);
        Assert.Equal(2 * Second, await script.NextAttemptAsync());
        await script.Time.NextTimerAsync();
        script.Time.Advance(5 * Second);

        Assert.Equal(7 * Second, await script.NextAttemptAsync());
        Assert.Equal("paid", await call);
    }

    [Fact]
    public async Task More_calls_than_the_limit_are_refused()
    {
        var script = new Script(new RpcStandardResilienceOptions { MaxPendingCalls = 1 }, isIdempotent: false, Overloaded(8 * Second));
        Task<string> first = script.CallAsync();

        RpcUnavailableException refusal = await Assert.ThrowsAsync<RpcUnavailableException>(() => script.CallAsync());

        Assert.Equal(("payments", "Pay", RpcUnavailableReason.TooManyCalls, RpcExecution.NotStarted), (refusal.Queue, refusal.Method, refusal.Reason, refusal.Execution));
        Assert.False(first.IsCompleted);
        Assert.Equal(1, script.Attempts);
    }

    [Fact]
    public async Task The_circuit_breaker_opens_closes_and_throws_no_exception_of_Polly()
    {
        var script = new Script(new RpcStandardResilienceOptions { MaxRetryAttempts = 0, FailureRatio = 1 }, isIdempotent: false, Create("unavailable"));
        await FailAsync(script, 100);

        RpcUnavailableException open = await Assert.ThrowsAsync<RpcUnavailableException>(() => script.CallAsync());

        Assert.IsType<BrokenCircuitException>(open.InnerException);
        Assert.Equal((RpcUnavailableReason.NoConsumer, RpcExecution.NotStarted, "Pay"), (open.Reason, open.Execution, open.Method));
        Assert.InRange(open.RetryAfter!.Value, TimeSpan.FromTicks(1), 5 * Second);
        Assert.Equal(100, script.Attempts);
        script.Time.Advance(5 * Second);
        Assert.Null((await Assert.ThrowsAsync<RpcUnavailableException>(() => script.CallAsync())).InnerException);
        Assert.Equal(101, script.Attempts);
    }

    [Theory]
    [InlineData("overloaded")]
    [InlineData("too many")]
    [InlineData("validation")]
    [InlineData("declared")]
    public async Task Some_failures_do_not_open_the_circuit_breaker(string failure)
    {
        var script = new Script(new RpcStandardResilienceOptions { MaxRetryAttempts = 0 }, isIdempotent: false, Create(failure));
        await FailAsync(script, 150);
        Assert.Equal(150, script.Attempts);
    }

    private static async Task FailAsync(Script script, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => script.CallAsync());
        }
    }

    private static RpcUnavailableException Overloaded(TimeSpan retryAfter) => new("Too much.", "payments") { Reason = RpcUnavailableReason.Overloaded, RetryAfter = retryAfter };

    private static Exception Create(string failure) => failure switch
    {
        "unavailable" => new RpcUnavailableException("Nobody.", "payments") { Reason = RpcUnavailableReason.NoConsumer },
        "overloaded" => Overloaded(Second),
        "too many" => new RpcUnavailableException("Too many.", "payments") { Reason = RpcUnavailableReason.TooManyCalls },
        "connection" => new RpcConnectionException("Lost."),
        "connection, not started" => new RpcConnectionException("Lost.") { Execution = RpcExecution.NotStarted },
        "timeout" => new RpcTimeoutException("Late."),
        "timeout, not started" => new RpcTimeoutException("Late.") { Execution = RpcExecution.NotStarted },
        "timeout, started" => new RpcTimeoutException("Late.") { Execution = RpcExecution.Started },
        "validation" => new RpcValidationException(new Dictionary<string, string[]> { ["amount"] = ["Too small."] }),
        "protocol" => new RpcProtocolException("Unreadable."),
        "denied" => new RpcAccessDeniedException("No."),
        "remote" => new RpcRemoteException("Failed.", "internal"),
        "declared" => new InvalidOperationException("Sold out."),
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, "unknown"),
    };
}
