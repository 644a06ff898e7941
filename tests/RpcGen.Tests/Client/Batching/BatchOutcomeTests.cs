using RpcGen.Client.Batching;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Batching;

/// <summary>What becomes of a batch and of each call in it.</summary>
public sealed class BatchOutcomeTests : BatchingFixture
{
    [Fact]
    public async Task Every_call_has_its_own_outcome()
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2), () => Add(3), () => Add(4));
        string[] ids = batch.BatchedIds;
        ReplyBatch(
            batch,
            "[\"unknown\",9]",
            $"[\"{batch.Id}\",9]",
            $"[\"{ids[0]}\",1]",
            $"[\"{ids[1]}\",{{\"type\":\"urn:rpcgen:fault:internal\",\"detail\":\"broken\"}},\"fault\"]",
            $"[\"{ids[2]}\",\"text\"]",
            $"[\"{ids[3]}\",4,\"strange\"]",
            $"[\"{ids[0]}\",7]");

        Assert.Equal(1, await Gets(calls[0]));
        Assert.Equal("broken", (await Fails<RpcRemoteException>(calls[1])).Message);
        var unreadable = await Fails<RpcProtocolException>(calls[2]);
        Assert.Equal((ids[2], "Add", RpcExecution.Started), (unreadable.CallId, unreadable.Method, unreadable.Execution));
        Assert.Contains("'strange'", (await Fails<RpcProtocolException>(calls[3])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_without_a_result_is_an_error_where_there_should_be_one()
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        ReplyBatch(batch, $"[\"{batch.BatchedIds[0]}\"]", $"[\"{batch.BatchedIds[1]}\",2,null,0,\"future\"]");

        await Fails<RpcProtocolException>(calls[0]);
        Assert.Equal(2, await Gets(calls[1]));
    }

    [Theory]
    [InlineData("[[", "application/json", null)]
    [InlineData("", "image/png", null)]
    [InlineData("", "text/plain", null)]
    [InlineData("", "application/json", "gzip")]
    [InlineData("[[\"\\ud800\",1]]", "application/json", null)]
    public async Task A_batch_of_replies_that_cannot_be_read_fails_its_calls(string body, string contentType, string? encoding)
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        Channel.Reply(batch, body, "$batch", contentType, encoding);

        foreach ((Task<int> call, string id) in calls.Zip(batch.BatchedIds))
        {
            var failure = await Fails<RpcProtocolException>(call);
            Assert.Equal((id, "Add", RpcExecution.Started), (failure.CallId, failure.Method, failure.Execution));
        }

        await Until(() => Batcher.State == BatcherState.Idle);
    }

    [Fact]
    public async Task A_server_can_batch_the_replies_to_single_requests()
    {
        (Task<int> call, Published request) = Occupy();
        Channel.Reply((string?)null, $"[[\"{request.Id}\",1]]", "$batch");
        Assert.Equal(1, await Gets(call));

        Task<int> other = Caller(new TestMethod<int>("NeverBatched")).CallAsync(Patient, 1, Cancel).AsTask();
        Channel.Reply((string?)null, "no JSON", "$batch"); // belongs to nobody
        Channel.Reply(request, $"[[\"{Channel.All[^1].Id}\",1]]", "$batch");
        Assert.Equal(1, await Gets(other));
    }

    [Fact]
    public async Task A_reply_to_a_call_by_itself_counts_for_the_batch()
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        Channel.Reply(batch.BatchedIds[0], "1");
        Assert.Equal(1, await Gets(calls[0]));
        await Until(() => Batcher.State == BatcherState.Idle); // the message was taken: nobody needs to wait for it

        Channel.Reply(batch.BatchedIds[1], "2");
        Assert.Equal(2, await Gets(calls[1]));
    }

    [Theory]
    [InlineData("unsupported")]
    [InlineData("unknown-method")]
    [InlineData("protocol")]
    [InlineData("too-large")]
    public async Task A_server_that_cannot_read_batches_gets_the_calls_singly_and_no_batch_for_a_minute(string code)
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        Assert.False(Batcher.IsPaused);
        Channel.Reply(batch, $"{{\"type\":\"urn:rpcgen:fault:{code}\"}}", "fault");

        LogEntry paused = Assert.Single(Log.Entries, entry => entry.Id == 23);
        Assert.Equal($"A server of queue q refused a batch with {code}. Its calls are sent one by one, and no call is batched for 60 s.", paused.Message);

        Published[] singles = Channel.All[^2..];
        Assert.Equal(batch.BatchedIds, singles.Select(request => request.Id));
        Assert.All(singles, request => Assert.Equal("Add", request.Type));
        Assert.True(Batcher.IsPaused);
        Task<int> more = Add(3);
        Task<int> another = Add(4);
        Assert.Equal(["{\"n\":3}", "{\"n\":4}"], Channel.All[^2..].Select(request => request.Body));
        Channel.Return(singles[0]); // the first attempt that counts
        await Fails<RpcUnavailableException>(calls[0]);
        Channel.Reply(singles[1], "2");
        Assert.Equal(2, await Gets(calls[1]));
        Channel.Reply(Channel.All[^2], "3", contentType: Batchable);
        Channel.Reply(Channel.All[^1], "4", contentType: Batchable);
        Assert.Equal((3, 4), (await Gets(more), await Gets(another)));

        Time.Advance(RequestBatcher.PauseTime - TimeSpan.FromTicks(1));
        Assert.True(Batcher.IsPaused);
        Time.Advance(TimeSpan.FromTicks(1));
        Assert.False(Batcher.IsPaused);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("no JSON")]
    public async Task A_fault_that_cannot_be_read_does_not_send_the_calls_again(string body)
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        Channel.Reply(batch, body, "fault");

        Assert.All(await Task.WhenAll(calls.Select(Fails<RpcProtocolException>)), failure => Assert.NotEqual(RpcExecution.NotStarted, failure.Execution));
        Assert.False(Batcher.IsPaused);
        Assert.Same(batch, Channel.All[^1]);
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData(null, "{}")]
    [InlineData("strange", "")]
    [InlineData("strange", """{"type":"urn:rpcgen:fault:unsupported"}""")]
    public async Task A_reply_to_the_message_that_is_not_a_fault_cannot_be_read(string? type, string body)
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        Channel.Reply(batch, body, type);

        foreach ((Task<int> call, string id) in calls.Zip(batch.BatchedIds))
        {
            var failure = await Fails<RpcProtocolException>(call);
            Assert.Equal((id, "Add", RpcExecution.Started), (failure.CallId, failure.Method, failure.Execution));
            Assert.Contains($"its type is '{type}'", failure.Message, StringComparison.Ordinal);
        }

        Assert.False(Batcher.IsPaused);
        Assert.Same(batch, Channel.All[^1]);
        await Until(() => Batcher.State == BatcherState.Idle);
    }

    [Fact]
    public async Task Any_other_fault_of_the_message_is_the_outcome_of_each_call()
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        Channel.Reply(batch.BatchedIds[0], "1");
        Channel.Reply(batch, """{"type":"urn:rpcgen:fault:internal","detail":"It broke."}""", "fault");

        Assert.Equal(1, await Gets(calls[0]));
        Assert.Equal("It broke.", (await Fails<RpcRemoteException>(calls[1])).Message);
        Assert.False(Batcher.IsPaused);
        await Until(() => Batcher.State == BatcherState.Idle);
        Channel.Reply(batch, """{"type":"urn:rpcgen:fault:unsupported"}""", "fault"); // late
        Assert.False(Batcher.IsPaused);
    }

    [Theory]
    [InlineData("fault")]
    [InlineData("$batch")]
    public async Task An_answer_with_unreadable_headers_fails_each_call(string type)
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        int sent = Channel.All.Length;
        Channel.ReplyUnreadable(batch, """{"type":"urn:rpcgen:fault:unsupported"}""", type);

        await Fails<RpcProtocolException>(calls[0]);
        await Fails<RpcProtocolException>(calls[1]);
        Assert.Equal(sent, Channel.All.Length);
        Assert.False(Batcher.IsPaused);
    }

    [Fact]
    public async Task A_returned_batch_fails_each_call()
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        Channel.Return(batch);

        foreach ((Task<int> call, string id) in calls.Zip(batch.BatchedIds))
        {
            var failure = await Fails<RpcUnavailableException>(call);
            Assert.Equal((id, RpcUnavailableReason.NoQueue, RpcExecution.NotStarted), (failure.CallId, failure.Reason, failure.Execution));
        }

        await Until(() => Batcher.State == BatcherState.Idle);
        Channel.Return(batch); // late
    }

    [Fact]
    public async Task A_lost_batch_is_sent_again_for_idempotent_calls_alone()
    {
        (Task<int>[] calls, _) = await SendBatchAsync(() => Add(1), () => BatchedIdempotent.CallAsync(Patient, 2, Cancel).AsTask());
        await LoseAsync("torn");
        Assert.Contains("torn", (await Fails<RpcConnectionException>(calls[0])).Message, StringComparison.Ordinal);
        await ReopenAsync();

        await Until(() => Channel.All.Length == 1);
        Assert.Equal("Get", Channel.Single.Type);
        Channel.Reply(Channel.Single, "2");
        Assert.Equal(2, await Gets(calls[1]));
        Assert.Single(Channel.All);
    }

    [Fact]
    public async Task A_batch_that_was_not_sent_goes_out_singly()
    {
        Channel.OnPublish = message => message.Type == "$batch" ? ValueTask.FromException(new TransportClosedException(new TransportClosure("closing"), nothingSent: true)) : default;
        (Task<int>[] calls, _) = await SendBatchAsync(() => Add(1), () => Add(2));
        await Until(() => ((RpcGen.Diagnostics.ICallLoad)Session).CountCalls() == (2, 2));
        await LoseAsync();
        await ReopenAsync();

        await Until(() => Channel.All.Length == 2);
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        Channel.Return(Channel.All[0]); // the first attempt that counts
        await Fails<RpcUnavailableException>(await Task.WhenAny(calls));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_sent_fails_its_calls()
    {
        Channel.OnPublish = message => message.Type == "$batch" ? throw new ArgumentException("too large") : default;
        (Task<int>[] calls, _) = await SendBatchAsync(() => Add(1), () => Add(2));

        foreach (Task<int> call in calls)
        {
            Assert.Equal(RpcExecution.NotStarted, (await Fails<RpcProtocolException>(call)).Execution);
        }
    }

    [Fact]
    public async Task A_batch_that_fails_with_its_link_loses_its_calls()
    {
        Channel.OnPublish = message => message.Type == "$batch" ? ValueTask.FromException(new TransportClosedException(new TransportClosure("gone"), nothingSent: false)) : default;
        (Task<int>[] calls, _) = await SendBatchAsync(() => Add(1), () => Add(2));

        foreach (Task<int> call in calls)
        {
            await Fails<RpcConnectionException>(call);
        }
    }

    [Fact]
    public async Task Each_call_has_its_own_deadline_and_the_message_the_latest()
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(
            () => Add(1, options: new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1) }),
            () => Add(2, options: new RpcCallOptions { Timeout = TimeSpan.FromSeconds(9) }),
            () => Add(3, options: new RpcCallOptions { Timeout = TimeSpan.FromSeconds(5) }));
        Assert.Equal(9000, batch.Message.Expiration);
        Time.Advance(TimeSpan.FromSeconds(1.1));
        await Fails<RpcTimeoutException>(calls[0]);
        Assert.False(calls[2].IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(4));
        await Fails<RpcTimeoutException>(calls[2]);
        Time.Advance(TimeSpan.FromSeconds(4));
        await Fails<RpcTimeoutException>(calls[1]);

        Channel.Return(batch); // the batch has expired with its last call
        _ = Add(4);
        _ = Add(5);
        Time.Advance(RequestBatcher.ReplyTimeout); // nobody replied to the batch
        await Until(() => Channel.All[^1] != batch);
        Assert.Equal(2, Channel.All[^1].BatchedIds.Length);
    }

    [Fact]
    public async Task Cancelling_one_call_leaves_the_others()
    {
        using var source = new CancellationTokenSource();
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => AddCancellably(1, source.Token), () => Add(2));
        await source.CancelAsync();
        await Fails<OperationCanceledException>(calls[0]);
        await Until(() => Connection.Publishers.Any(publisher => publisher.All.ToArray().Any(message => message.Id == batch.BatchedIds[0] && message.Message.Exchange == "q.cancel")));

        ReplyBatch(batch, $"[\"{batch.BatchedIds[0]}\",1]", $"[\"{batch.BatchedIds[1]}\",2]");
        Assert.Equal(2, await Gets(calls[1]));
    }
}
