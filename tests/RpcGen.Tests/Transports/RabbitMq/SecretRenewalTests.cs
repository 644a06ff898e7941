using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>When the secret of an open connection is renewed, on a simulated clock.</summary>
public sealed class SecretRenewalTests : ITransportEvents, IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(7);

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<Func<Login>> _answers = new();
    private readonly List<string> _log = [];

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_secret_is_renewed_after_four_fifths_of_its_time()
    {
        _answers.Enqueue(() => Valid("second", minutes: 200));
        _answers.Enqueue(() => Valid("third", minutes: 300));

        Task running = Run(Valid("first", minutes: 100));

        Assert.Equal(TimeSpan.FromMinutes(80), await NextDelayAsync());
        _time.Advance(TimeSpan.FromMinutes(80));
        Assert.Equal(TimeSpan.FromMinutes(96), await NextDelayAsync()); // 120 minutes are left
        _time.Advance(TimeSpan.FromMinutes(96));
        await NextDelayAsync();
        await StopAsync(running);

        Assert.Equal(["update second", "renewed", "update third", "renewed"], _log);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_failed_renewal_is_tried_again_ever_sooner()
    {
        _answers.Enqueue(() => throw new InvalidOperationException("no token."));
        _answers.Enqueue(() => throw new InvalidOperationException("still none"));
        _answers.Enqueue(() => new Login("u", "good"));

        Task running = Run(Valid("first", minutes: 100));

        Assert.Equal(TimeSpan.FromMinutes(80), await NextDelayAsync());
        _time.Advance(TimeSpan.FromMinutes(80));
        Assert.Equal(TimeSpan.FromMinutes(16), await NextDelayAsync());
        _time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal(TimeSpan.FromMinutes(3.2), await NextDelayAsync());
        _time.Advance(TimeSpan.FromMinutes(3.2));
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken); // no end is known any more

        Assert.Equal(["failed: no token", "failed: still none", "update good", "renewed"], _log);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_connection_whose_secret_has_expired_is_closed()
    {
        _answers.Enqueue(() => throw new InvalidOperationException("no token"));
        _answers.Enqueue(() => throw new InvalidOperationException("still none"));

        Task running = Run(Valid("first", minutes: 100));
        await NextDelayAsync();
        _time.Advance(TimeSpan.FromMinutes(80));
        await NextDelayAsync();
        _time.Advance(TimeSpan.FromMinutes(40)); // a pause of the process: the secret has expired
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);

        Assert.Equal(["failed: no token", "failed: still none", "expired"], _log);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_late_renewal_saves_the_connection()
    {
        _answers.Enqueue(() => new Login("u", "good"));

        Task running = Run(Valid("first", minutes: 100));
        await NextDelayAsync();
        _time.Advance(TimeSpan.FromMinutes(120)); // a pause of the process
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);

        Assert.Equal(["update good", "renewed"], _log);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task New_secrets_that_are_over_already_are_not_a_busy_loop()
    {
        _answers.Enqueue(() => Valid("second", minutes: 0));
        _answers.Enqueue(() => new Login("u", "good"));

        Task running = Run(Valid("first", minutes: 100));
        await NextDelayAsync();
        _time.Advance(TimeSpan.FromMinutes(80));
        Assert.Equal(TimeSpan.FromSeconds(10), await NextDelayAsync());
        _time.Advance(TimeSpan.FromSeconds(10));
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);

        Assert.Equal(["update second", "renewed", "update good", "renewed"], _log);
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Credentials_that_do_not_come_in_time_are_asked_for_again(bool blocksThread)
    {
        using var end = new SemaphoreSlim(0);
        var asking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int asked = 0;
        Task running = Run(Valid("first", minutes: 100), () =>
        {
            if (Interlocked.Increment(ref asked) > 1)
            {
                return ValueTask.FromResult(new Login("u", "good"));
            }

            asking.SetResult();
            if (blocksThread)
            {
                end.Wait(TestContext.Current.CancellationToken);
            }

            return new ValueTask<Login>(new TaskCompletionSource<Login>().Task);
        });

        await NextDelayAsync();
        _time.Advance(TimeSpan.FromMinutes(80));
        Assert.Equal(Limit, await _time.NextTimerAsync());
        await asking.Task.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
        _time.Advance(Limit);
        await NextDelayAsync();
        _time.Advance(TimeSpan.FromMinutes(16));
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
        end.Release();

        Assert.Equal(["failed: Credentials did not return within 7 s (ConnectTimeout)", "update good", "renewed"], _log);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_short_life_is_not_a_busy_loop_and_a_long_one_not_too_long_for_a_timer()
    {
        _answers.Enqueue(() => Valid("second", minutes: 60 * 24 * 365));

        Task running = Run(new Login("u", "first") { ValidUntil = _time.GetUtcNow().AddMilliseconds(100) });

        Assert.Equal(TimeSpan.FromSeconds(1), await NextDelayAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromDays(1), await NextDelayAsync());
        await StopAsync(running);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Another_user_is_not_sent_to_the_connection_which_ends_with_its_secret()
    {
        _answers.Enqueue(() => new Login("other", "secret") { ValidUntil = _time.GetUtcNow().AddHours(1) });
        _answers.Enqueue(() => new Login("other", "secret"));

        Task running = Run(Valid("first", minutes: 100));
        await NextDelayAsync();
        _time.Advance(TimeSpan.FromMinutes(80));
        await NextDelayAsync();
        _time.Advance(TimeSpan.FromMinutes(20));
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);

        const string refused = "failed: the new credentials are of user 'other', the connection is of 'u'";
        Assert.Equal([refused, refused, "expired"], _log);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Without_an_end_nothing_is_renewed()
    {
        await Run(new Login("u", "first"));

        Assert.Empty(_log);
        Assert.True(_time.HasNoTimer);
    }

    public void Dispose() => _stop.Dispose();

    void ITransportEvents.OnSettingsRead(IReadOnlyCollection<string> warnings) => throw new NotSupportedException();

    void ITransportEvents.OnConnected(string connectionName, string node) => throw new NotSupportedException();

    void ITransportEvents.OnLoginRefused(string userName) => throw new NotSupportedException();

    void ITransportEvents.OnLoginAccepted() => throw new NotSupportedException();

    void ITransportEvents.OnSecretRenewed(DateTimeOffset? validUntil) => _log.Add("renewed");

    void ITransportEvents.OnSecretNotRenewed(string reason, DateTimeOffset validUntil) => _log.Add($"failed: {reason}");

    private Login Valid(string secret, double minutes) => new("u", secret) { ValidUntil = DateTimeOffset.UnixEpoch.AddYears(30).AddMinutes(minutes) };

    private Task Run(Login login, Func<ValueTask<Login>>? ask = null)
    {
        var source = new LoginSource(_ => ask is null ? ValueTask.FromResult(_answers.Dequeue()()) : ask(), Limit, _time);
        return new SecretRenewal(source, UpdateAsync, ExpireAsync, this, _time).RunAsync(login, _stop.Token);
    }

    private Task UpdateAsync(Login login, CancellationToken cancellationToken)
    {
        _log.Add($"update {login.Secret}");
        return Task.CompletedTask;
    }

    private Task ExpireAsync(DateTimeOffset validUntil)
    {
        _log.Add("expired");
        return Task.CompletedTask;
    }

    /// <summary>Waits for the next delay before a renewal. The time limits of the application's answers are left out.</summary>
    private async Task<TimeSpan> NextDelayAsync()
    {
        TimeSpan delay = await _time.NextTimerAsync();
        return delay == Limit ? await _time.NextTimerAsync() : delay;
    }

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
    }
}
