using RpcGen.Client.Calls;
using RpcGen.Runtime;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Server;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>The end of a publish, which is known at once or later. Nobody but the publisher tells the call of its link here.</summary>
public sealed class RequestPublisherTests : PendingCallTest
{
    private readonly FakeConnection _connection = new();
    private readonly TaskCompletionSource _publishing = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_whose_link_closed_before_it_was_marked_as_sent_is_lost(bool endsLater)
    {
        CallLink link = await OpenAsync(endsLater);
        _connection.Calls.Close("torn"); // announced already: the call was not marked as sent then
        await link.Closed.Soon();

        Publish(link);
        _publishing.SetResult();

        await TaskBounds.Until(() => Recorder.Lost.Count > 0);
        Assert.Equal(["torn"], Recorder.Lost);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_the_publish_the_call_is_ready_for_its_next_use(bool endsLater)
    {
        CallLink link = await OpenAsync(endsLater);
        long generation = Publish(link);
        Assert.True(Call.TryComplete(generation));
        Assert.True(Call.TryEnd());
        Call.Unpin();
        Assert.Equal(endsLater ? 0 : 1, Recorder.Recycled);

        _publishing.SetResult();

        await TaskBounds.Until(() => Recorder.Recycled == 1);
        Assert.Empty(Recorder.Lost);
    }

    private async Task<CallLink> OpenAsync(bool endsLater)
    {
        _connection.OnPublish = _ => endsLater ? new ValueTask(_publishing.Task) : default;
        return await CallLink.OpenAsync(
            new CountedLinkEvents(), _connection, new RpcEnvironment(Time, new Support.CountingRandom(), new RecordingLogger()), "rpc.cb.1", replyExchange: "", CancellationToken.None);
    }

    private long Publish(CallLink link)
    {
        long generation = Call.Begin(new TestMethod<int>(), Route, batching: null);
        Assert.True(Call.TryMove(generation, CallStage.Preparing, CallStage.Waiting));
        Assert.True(Call.TryTake(generation, link, link.Plain.Begin(now: 0), Call.Id));
        RequestPublisher.Publish(Call, generation, new OutgoingMessage { Exchange = "", RoutingKey = "q" }, link, link.Plain, span: null);
        return generation;
    }
}
