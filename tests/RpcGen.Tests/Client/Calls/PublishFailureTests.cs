using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>Calls whose publish fails, or is still under way when the call ends.</summary>
public sealed class PublishFailureTests : LinkTest
{
    [Fact]
    public async Task A_publish_that_sent_nothing_does_not_count()
    {
        Channel.OnPublish = _ => ValueTask.FromException(new TransportClosedException(new TransportClosure("closing"), nothingSent: true));
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Assert.False(call.IsCompleted); // the link is not known as closed yet
        Assert.Single(Channel.All);
        await LoseAsync();
        Assert.False(call.IsCompleted);
        await ReopenAsync();

        await Until(() => Channel.All.Length == 1);
        Channel.Return(Channel.Single);
        await Fails<RpcUnavailableException>(call); // the first attempt that counts
    }

    [Fact]
    public async Task A_publish_that_sent_nothing_on_an_older_link_goes_out_on_the_current_one()
    {
        var late = new TaskCompletionSource();
        Channel.OnPublish = _ => new ValueTask(late.Task);
        Task<int> call = Call(Idempotent, Patient);
        await LoseAsync();
        await ReopenAsync();
        await Until(() => Channel.All.Length == 1);

        late.SetException(new TransportClosedException(new TransportClosure("closing"), nothingSent: true));
        await Task.Delay(5, Cancel);

        Assert.Single(Channel.All); // it was sent again already
        Channel.Reply(Channel.Single, "1");
        Assert.Equal(1, await Gets(call));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publish_that_fails_with_its_link_is_a_loss(bool isIdempotent)
    {
        Channel.OnPublish = _ => ValueTask.FromException(new TransportClosedException(new TransportClosure("gone"), nothingSent: false));
        Task<int> call = Call(new TestMethod<int> { Idempotent = isIdempotent }, Patient);
        if (!isIdempotent)
        {
            Assert.Contains("gone", (await Fails<RpcConnectionException>(call)).Message, StringComparison.Ordinal);
            return;
        }

        await LoseAsync();
        await ReopenAsync();
        await Until(() => Channel.All.Length >= 1);
        Channel.Reply(Channel.All[0], "1");
        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task A_refused_publish_is_a_loss_too()
    {
        Channel.OnPublish = _ => ValueTask.FromException(new TransportRefusedException(AmqpReplyCodes.PreconditionFailed, "too large"));

        Assert.Contains("too large", (await Fails<RpcConnectionException>(Call(new TestMethod<int>(), Patient))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publish_that_ends_with_its_link_is_a_loss()
    {
        Channel.OnPublish = _ => ValueTask.FromException(new OperationCanceledException("ended"));

        Assert.Equal(RpcExecution.Unknown, (await Fails<RpcConnectionException>(Call(new TestMethod<int>(), Patient))).Execution);
    }

    [Fact]
    public async Task A_message_that_AMQP_cannot_express_was_not_sent()
    {
        Channel.OnPublish = _ => throw new ArgumentException("the headers are too large");

        var failure = await Fails<RpcProtocolException>(Call(new TestMethod<int>(), Patient));
        Assert.Equal(("Do", Channel.Single.Id, RpcExecution.NotStarted), (failure.Method, failure.CallId, failure.Execution));
        Assert.Contains("the headers are too large", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_other_failure_ends_the_call_with_an_unknown_outcome()
    {
        Channel.OnPublish = async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException("a bug");
        };

        var failure = await Fails<RpcConnectionException>(Call(new TestMethod<int>(), Patient));
        Assert.Equal(("Do", Channel.Single.Id, RpcExecution.Unknown), (failure.Method, failure.CallId, failure.Execution));
        Assert.Contains("a bug", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_cannot_be_sent_again_may_have_run_before()
    {
        Task<int> call = Call(Idempotent, Patient);
        await LoseAsync();
        await ReopenAsync(connection => connection.OnPublish = _ => throw new ArgumentException("the headers are too large"));

        var failure = await Fails<RpcProtocolException>(call);

        Assert.Equal(RpcExecution.Unknown, failure.Execution);
    }

    [Fact]
    public async Task A_publish_that_is_under_way_keeps_the_body_from_the_next_call()
    {
        var publishing = new TaskCompletionSource();
        ReadOnlyMemory<byte> body = default;
        Channel.OnPublish = message =>
        {
            body = message.Body;
            return new ValueTask(publishing.Task);
        };
        Task<int> first = Call(new TestMethod<int>(), Patient, argument: 1);
        Channel.OnPublish = null;
        Channel.Reply(Channel.Single, "1");
        await Gets(first);

        Task<int> second = Call(new TestMethod<int>(), Patient, argument: 2);
        Assert.Equal("{\"n\":1}", System.Text.Encoding.UTF8.GetString(body.Span));
        publishing.SetResult();
        Channel.Reply(Channel.All[1], "2");
        Assert.Equal(2, await Gets(second));
    }
}
