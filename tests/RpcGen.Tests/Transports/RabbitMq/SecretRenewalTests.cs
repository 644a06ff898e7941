using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>When the secret of an open connection is renewed, on a simulated clock.</summary>
public sealed class SecretRenewalTests : ITransportEvents, IDisposable
{
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

        Assert.Equal(TimeSpan.FromMinutes(80), await _time.NextTimerAsync());
        _time.Advance(TimeSpan.FromMinutes(80));
        Assert.Equal(TimeSpan.FromMinutes(96), await _time.NextTimerAsync()); // 120 minutes are left
        _time.Advance(TimeSpan.FromMinutes(96));
        await _time.NextTimerAsync();
        await StopAsync(running);

        Assert.Equal(["update second", "renewed", "update third", "renewed"], _log);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_failed_renewal_is_tried_again_ever_sooner_and_after_the_end_too()
    {
        _answers.Enqueue(() => throw new InvalidOperationException("no token."));
        _answers.Enqueue(() => throw new InvalidOperationException("still none"));
        _answers.Enqueue(() => throw new InvalidOperationException("expired"));
        _answers.Enqueue(() => new Login("u", "good"));

        Task running = Run(Valid("first", minutes: 100));

        Assert.Equal(TimeSpan.FromMinutes(80), await _time.NextTimerAsync());
        _time.Advance(TimeSpan.FromMinutes(80));
        Assert.Equal(TimeSpan.FromMinutes(16), await _time.NextTimerAsync());
        _time.Advance(TimeSpan.FromMinutes(40)); // a pause of the process: the secret has expired
        Assert.Equal(TimeSpan.FromSeconds(10), await _time.NextTimerAsync());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(10), await _time.NextTimerAsync());
        _time.Advance(TimeSpan.FromSeconds(10));
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken); // no end is known any more

        Assert.Equal(["failed: no token", "failed: still none", "failed: expired", "update good", "renewed"], _log);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_short_life_is_not_a_busy_loop_and_a_long_one_not_too_long_for_a_timer()
    {
        _answers.Enqueue(() => Valid("second", minutes: 60 * 24 * 365));

        Task running = Run(new Login("u", "first") { ValidUntil = _time.GetUtcNow().AddMilliseconds(100) });

        Assert.Equal(TimeSpan.FromSeconds(1), await _time.NextTimerAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromDays(1), await _time.NextTimerAsync());
        await StopAsync(running);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Another_user_is_not_sent_to_the_connection()
    {
        _answers.Enqueue(() => new Login("other", "secret") { ValidUntil = _time.GetUtcNow().AddHours(1) });

        Task running = Run(Valid("first", minutes: 100));
        await _time.NextTimerAsync();
        _time.Advance(TimeSpan.FromMinutes(80));
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);

        Assert.Equal(["failed: the new credentials are of user 'other', the connection is of 'u'"], _log);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Without_an_end_nothing_is_renewed()
    {
        await Run(new Login("u", "first"));

        Assert.Empty(_log);
        Assert.True(_time.HasNoTimer);
    }

    public void Dispose() => _stop.Dispose();

    void ITransportEvents.OnConnected(string connectionName, string node) => throw new NotSupportedException();

    void ITransportEvents.OnLoginRefused(string userName) => throw new NotSupportedException();

    void ITransportEvents.OnLoginAccepted() => throw new NotSupportedException();

    void ITransportEvents.OnSecretRenewed(DateTimeOffset? validUntil) => _log.Add("renewed");

    void ITransportEvents.OnSecretNotRenewed(string reason, DateTimeOffset validUntil) => _log.Add($"failed: {reason}");

    private Login Valid(string secret, double minutes) => new("u", secret) { ValidUntil = DateTimeOffset.UnixEpoch.AddYears(30).AddMinutes(minutes) };

    private Task Run(Login login)
    {
        var renewal = new SecretRenewal(_ => ValueTask.FromResult(_answers.Dequeue()()), UpdateAsync, this, _time);
        return renewal.RunAsync(login, _stop.Token);
    }

    private Task UpdateAsync(string secret, CancellationToken cancellationToken)
    {
        _log.Add($"update {secret}");
        return Task.CompletedTask;
    }

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
    }
}
