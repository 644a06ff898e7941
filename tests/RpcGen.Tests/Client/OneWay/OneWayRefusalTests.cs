using RpcGen.Client;
using RpcGen.Client.OneWay;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.OneWay;

/// <summary>One-way calls whose exchange the broker does not let the user write to.</summary>
public sealed class OneWayRefusalTests : OneWayTest
{
    private int _attempts;

    private protected override SessionSettings Settings { get; } = new("the broker", MaxMessageBytes: 15 << 20, Batching: true) { UserName = "ada" };

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task A_refused_request_fails_at_once(bool isIdempotent, bool isBroadcast)
    {
        Refuse();

        var failure = await Fails<RpcAccessDeniedException>(Run(isBroadcast ? Broadcast : isIdempotent ? SendIdempotent : Send));

        Assert.Equal((true, RpcExecution.NotStarted, "Send"[..1]), (failure.IsBrokerRefusal, failure.Execution, failure.Method![..1]));
        Assert.Contains($"does not let user 'ada' write to exchange '{(isBroadcast ? "q.broadcast" : "amq.default")}'", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, _attempts);
    }

    [Fact]
    public async Task A_refused_exchange_is_left_alone_for_a_second()
    {
        Refuse();
        await Fails<RpcAccessDeniedException>(Run(Send));
        await Fails<RpcAccessDeniedException>(Run(Send));
        Assert.Equal(1, _attempts);
        Time.Advance(PublisherPool.MaxRefusalAge);
        await Fails<RpcAccessDeniedException>(Run(Send));
        Assert.Equal(2, _attempts);
        Connection.OnConfirm = null;

        await Ends(Run(Broadcast)); // another exchange
    }

    [Fact]
    public async Task A_request_that_is_refused_after_others_were_confirmed_may_have_been_taken_unless_it_was_alone()
    {
        await Ends(Run(Send));
        var refused = new TaskCompletionSource<PublishOutcome>();
        Connection.OnConfirm = (_, _) => refused.Task;
        Task first = Run(Send);
        Task second = Run(Send);
        await Until(() => Connection.Publishers[0].All.Count == 3);

        refused.SetException(new TransportRefusedException(AmqpReplyCodes.AccessRefused, "ACCESS_REFUSED"));

        Assert.Equal(RpcExecution.Unknown, (await Fails<RpcAccessDeniedException>(first)).Execution);
        Assert.Equal(RpcExecution.Unknown, (await Fails<RpcAccessDeniedException>(second)).Execution);
    }

    [Theory]
    [InlineData(AmqpReplyCodes.AccessRefused)]
    [InlineData(AmqpReplyCodes.NotFound)]
    public async Task A_request_without_confirm_is_not_sent_where_it_would_close_the_channel_of_calls(ushort code)
    {
        Connection.OnProbe = _ => throw new TransportRefusedException(code, "refused");

        RpcException failure = await Assert.ThrowsAnyAsync<RpcException>(() => Ends(Run(Unconfirmed)));

        Assert.Equal(code == AmqpReplyCodes.NotFound ? typeof(RpcUnavailableException) : typeof(RpcAccessDeniedException), failure.GetType());
        Assert.Equal(RpcExecution.NotStarted, failure.Execution);
        Assert.Empty(Channel.All);
    }

    private void Refuse() => Connection.OnConfirm = (_, _) =>
    {
        _attempts++;
        Connection.Publishers[^1].Close("403 ACCESS_REFUSED");
        return Task.FromException<PublishOutcome>(new TransportRefusedException(AmqpReplyCodes.AccessRefused, "ACCESS_REFUSED - refused for user 'ada'"));
    };
}
