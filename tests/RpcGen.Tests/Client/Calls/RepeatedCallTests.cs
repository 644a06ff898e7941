using System.Diagnostics;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Diagnostics;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>What metrics, spans, logs and messages show of calls that are sent again.</summary>
[Collection("telemetry")]
public sealed class RepeatedCallTests : ClientFixture
{
    private static readonly RpcCallOptions Patient = new() { Timeout = TimeSpan.FromHours(1) };

    private readonly string _method = $"Do{Guid.NewGuid():N}";

    private string Label => $"q/{_method}";

    [Fact]
    public async Task A_call_that_is_sent_again_is_counted_with_its_method_and_has_its_attempts_in_its_span()
    {
        using var telemetry = new Telemetry(Label);
        var ended = new TaskCompletionSource<Activity>();
        using var spans = new ActivityListener { ShouldListenTo = source => source.Name == "RpcGen", ActivityStopped = span => ended.TrySetResult(span) };
        ActivitySource.AddActivityListener(spans);
        Task<int> call = Call(new TestMethod<int>(_method) { Idempotent = true }, Patient);
        await LoseAsync();
        await ReopenAsync();
        await Until(() => Channel.All.Length == 1);
        Channel.Reply(Channel.Single, "1");
        await Gets(call);

        Assert.Equal(1, Count(telemetry, "rpcgen.client.call.resent"));
        Assert.Equal(2, (await Gets(ended.Task)).GetTagItem("rpcgen.attempts"));
    }

    [Theory]
    [InlineData(false, RpcExecution.NotStarted)]
    [InlineData(true, RpcExecution.Unknown)]
    public async Task A_call_that_is_refused_may_have_run_if_an_earlier_attempt_was_lost(bool isSentAgain, RpcExecution execution)
    {
        Task<int> call = Call(new TestMethod<int>(_method) { Idempotent = true }, Patient);
        if (isSentAgain)
        {
            await LoseAsync();
            await ReopenAsync();
        }

        await Until(() => Channel.All.Length == 1);
        Channel.Reply(Channel.Single, """{"type":"urn:rpcgen:fault:overloaded","detail":"Too much."}""", "fault");

        Assert.Equal(execution, (await Assert.ThrowsAsync<RpcUnavailableException>(() => Gets(call))).Execution);
    }

    [Fact]
    public async Task Every_return_of_a_call_is_counted()
    {
        using var telemetry = new Telemetry(Label, spans: false);
        Task<int> call = Call(new TestMethod<int>(_method) { Idempotent = true }, Patient);
        await LoseAsync();
        await ReopenAsync();
        for (int attempt = 1; attempt <= 2; attempt++)
        {
            await Until(() => Channel.All.Length == attempt);
            Channel.Return(Channel.All[^1]);
            await AdvanceUntil(() => Channel.All.Length > attempt);
        }

        Channel.Reply(Channel.All[^1], "1");
        await Gets(call);
        Assert.Equal(2, Count(telemetry, "rpcgen.client.call.returned"));
    }

    [Fact]
    public async Task Every_return_of_a_one_way_call_is_counted()
    {
        using var telemetry = new Telemetry(Label);
        var ended = new TaskCompletionSource<Activity>();
        using var spans = new ActivityListener { ShouldListenTo = source => source.Name == "RpcGen", ActivityStopped = span => ended.TrySetResult(span) };
        ActivitySource.AddActivityListener(spans);
        int attempts = 0;
        Connection.OnConfirm = (_, _) => ++attempts switch
        {
            1 => Task.FromException<PublishOutcome>(new TransportClosedException(new TransportClosure("torn"), nothingSent: false)),
            2 => Task.FromResult(new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE")),
            3 => Task.FromException<PublishOutcome>(new TransportRefusedException(AmqpReplyCodes.NotFound, "no exchange")),
            _ => Task.FromResult(new PublishOutcome(PublishResult.Confirmed)),
        };
        Task sending = Caller(new TestMethod<RpcVoid>(_method) { OneWay = true, Idempotent = true }).CallVoidAsync(Patient, 1, CancellationToken.None).AsTask();
        await AdvanceUntil(() => attempts == 4);
        await sending.WaitAsync(Bounds.Soon, Cancel);

        Assert.Equal((1, 2), (Count(telemetry, "rpcgen.client.call.resent"), Count(telemetry, "rpcgen.client.call.returned")));
        Assert.Equal(4, (await Gets(ended.Task)).GetTagItem("rpcgen.attempts"));
    }

    [Fact]
    public async Task The_log_says_how_many_calls_a_loss_repeats_and_fails()
    {
        Task<int>[] repeated = [.. Enumerable.Range(0, 2).Select(_ => Call(new TestMethod<int>(_method) { Idempotent = true }, Patient))];
        Task<int> failed = Call(new TestMethod<int>(_method), Patient);
        await LoseAsync();
        await Fails<RpcConnectionException>(failed);

        await Until(() => Log.Entries.Any(entry => entry.Id == 22));
        Assert.Equal("2 calls were sent again and 1 failed after The call channel to the broker was lost.", Assert.Single(Log.Entries, entry => entry.Id == 22).Message);
        Assert.All(repeated, call => Assert.False(call.IsCompleted));
    }

    [Fact]
    public async Task The_loss_of_a_link_without_calls_says_nothing_of_calls()
    {
        await LoseAsync();
        await ReopenAsync();

        Assert.DoesNotContain(Log.Entries, entry => entry.Id == 22);
    }

    [Fact]
    public async Task A_timeout_after_a_loss_claims_no_other_attempt_if_there_was_not_one()
    {
        Task<int> call = Call(new TestMethod<int>(_method) { Idempotent = true }, new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1) });
        await LoseAsync("torn");
        await Until(() => Log.Entries.Any(entry => entry.Id == 22)); // the loss has reached the call
        Time.Advance(TimeSpan.FromSeconds(1.1));

        string message = (await Fails<RpcTimeoutException>(call)).Message;
        Assert.DoesNotContain("Another attempt", message, StringComparison.Ordinal);
        Assert.Contains("No attempt was in flight at the deadline.", message, StringComparison.Ordinal);
    }

    private static double Count(Telemetry telemetry, string instrument) => telemetry.Measured.Where(measured => measured.Name == instrument).Sum(measured => measured.Value);
}
