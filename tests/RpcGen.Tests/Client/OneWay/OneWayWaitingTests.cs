using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.OneWay;

/// <summary>One-way calls that wait for a connection, for the broker or for its confirm.</summary>
public sealed class OneWayWaitingTests : OneWayTest
{
    [Fact]
    public async Task Without_a_connection_the_request_waits_and_times_out_as_not_sent()
    {
        await LoseAsync("torn");
        Task sending = Run(Send, Second);
        await Task.Delay(5, Cancel);
        Time.Advance(TimeSpan.FromSeconds(1.1));

        var failure = await Fails<RpcTimeoutException>(sending);
        Assert.Equal(("Send", RpcExecution.NotStarted), (failure.Method, failure.Execution));
        Assert.NotNull(failure.CallId);
        Assert.Contains("within 1 s. The request was not sent. There is no connection: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_nobody_confirms_times_out_as_sent()
    {
        Connection.OnConfirm = (_, token) => new TaskCompletionSource<PublishOutcome>().Task.WaitAsync(token);
        Task sending = Run(Send, Second);
        await Until(() => Connection.Publishers.Count == 1 && Connection.Publishers[0].All.Count == 1);
        Time.Advance(TimeSpan.FromSeconds(1.1));

        var failure = await Fails<RpcTimeoutException>(sending);
        Assert.Equal(RpcExecution.Unknown, failure.Execution);
        Assert.EndsWith("The request was sent: it may have run and may still run.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blocked_connection_is_waited_for_by_every_kind()
    {
        Connection.Block("memory");
        Task confirmed = Run(Send);
        Task unconfirmed = Run(Unconfirmed);
        await Task.Delay(5, Cancel);
        Assert.Empty(Channel.All);
        Assert.Empty(Connection.Publishers);
        Connection.Block(null);

        await Ends(confirmed);
        await Ends(unconfirmed);
    }

    [Fact]
    public async Task The_caller_can_cancel()
    {
        Connection.Block("memory");
        using var source = new CancellationTokenSource();
        Task sending = Caller(Send).CallVoidAsync(RpcCallOptions.None, 1, source.Token).AsTask();
        await source.CancelAsync();
        Assert.Equal(source.Token, (await Fails<OperationCanceledException>(sending)).CancellationToken);

        await Fails<TaskCanceledException>(Caller(Send).CallVoidAsync(RpcCallOptions.None, 1, new CancellationToken(canceled: true)).AsTask());
    }

    [Fact]
    public async Task Failing_fast_sends_nothing_to_a_queue_without_consumers()
    {
        var failFast = new RpcCallOptions { FailFast = true };
        Assert.Equal(RpcUnavailableReason.NoQueue, (await Fails<RpcUnavailableException>(Run(Send, failFast))).Reason);
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 0);
        Time.Advance(TimeSpan.FromSeconds(2));
        var failure = await Fails<RpcUnavailableException>(Run(Send, failFast));
        Assert.Equal((RpcUnavailableReason.NoConsumer, RpcExecution.NotStarted), (failure.Reason, failure.Execution));
        Assert.Empty(Connection.Publishers);

        await Ends(Run(Broadcast, failFast)); // has no queue of its own
        Connection.Queues["q"] = new QueueState(ReadyMessages: 0, Consumers: 1);
        Time.Advance(TimeSpan.FromSeconds(2));
        await Ends(Run(Send, failFast));
    }
}
