using RpcGen.Client.Batching;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Client.Batching;

/// <summary>Calls that a server sends back instead of running them.</summary>
public sealed class SentBackTests : BatchingFixture
{
    private const string NotRun = """{"ran":false}""";

    [Fact]
    public void The_callback_queue_says_that_the_caller_understands() =>
        Assert.StartsWith("rpc.cb.~", Channel.Declared!.Name, StringComparison.Ordinal);

    [Fact]
    public async Task A_single_call_is_sent_again_in_a_batch_of_its_own_with_what_remains_of_its_time()
    {
        Task<int> call = Call(new TestMethod<int>(), new RpcCallOptions { Timeout = TimeSpan.FromSeconds(10), Metadata = new RpcMetadata { ["a"] = "b" }, Priority = 3 });
        Published first = Channel.All[^1];
        Time.Advance(TimeSpan.FromSeconds(4));
        SendBack(first.Id);

        Published copy = Channel.All[^1];
        Assert.NotEqual(first.Id, copy.Id);
        Assert.Equal(("$batch", BatchText.ContentType + ";again=1", (byte)3, 6000L, true), (copy.Type, copy.Message.ContentType, copy.Message.Priority, copy.Message.Expiration, copy.Message.IsMandatory));
        Assert.Equal($$"""[["{{first.Id}}","Do",6000,{"n":1},null,{"a":"b"}]]""", copy.Body);
        Assert.Null(copy.Message.Headers);
        ReplyBatch(copy, $"[\"{first.Id}\",5]");
        Assert.Equal(5, await Gets(call));
        Assert.False(HasCancelled(first.Id));
    }

    [Fact]
    public void Headers_that_do_not_fit_into_an_entry_are_those_of_the_message()
    {
        string value = new('b', 4000);
        _ = Call(new TestMethod<int>(), new RpcCallOptions { Timeout = TimeSpan.FromSeconds(10), Metadata = new RpcMetadata { ["a"] = value } });
        Published first = Channel.All[^1];
        SendBack(first.Id);

        Published copy = Channel.All[^1];
        Assert.Equal(value, copy.Message.Headers!["a"]);
        Assert.EndsWith(""",{"n":1}]]""", copy.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_reply_to_the_same_message_changes_nothing()
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Published first = Channel.All[^1];
        SendBack(first.Id);
        Published copy = Channel.All[^1];
        int sent = Channel.All.Length;

        SendBack(first.Id);
        SendBack(first.Id, NotRun);

        Assert.Equal(sent, Channel.All.Length);
        SendBack(copy.Id);
        Published next = Channel.All[^1];
        Assert.Equal(sent + 1, Channel.All.Length);
        SendBack(copy.Id);
        Assert.Equal(sent + 1, Channel.All.Length);
        ReplyBatch(next, $"[\"{first.Id}\",5]");
        Assert.Equal(5, await Gets(call));
    }

    [Fact]
    public async Task What_has_an_answer_or_was_given_up_is_not_sent_again()
    {
        Task<int> answered = Call(new TestMethod<int>(), Patient);
        Published first = Channel.All[^1];
        Channel.Reply(first, "1");
        await Gets(answered);
        using var cancel = new CancellationTokenSource();
        Task<int> cancelled = CallCancellably(new TestMethod<int>(), Patient, cancel.Token);
        Published second = Channel.All[^1];
        await cancel.CancelAsync();
        await Fails<OperationCanceledException>(cancelled);
        int sent = Channel.All.Length;

        SendBack(first.Id);
        SendBack(second.Id);
        SendBack(second.Id, NotRun);
        SendBack("unknown");

        Assert.Equal(sent, Channel.All.Length);
    }

    [Fact]
    public async Task The_calls_of_a_batch_that_still_wait_are_sent_again_in_one_batch()
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2), () => Add(3));
        string[] ids = batch.BatchedIds;
        ReplyBatch(batch, $"[\"{ids[1]}\",2]"); // the batch is over for its batcher
        Assert.Equal(2, await Gets(calls[1]));

        SendBack(batch.Id);
        SendBack(batch.Id);

        Published copy = Channel.All[^1];
        Assert.Equal([ids[0], ids[2]], copy.BatchedIds);
        ReplyBatch(copy, $"[\"{ids[0]}\",1]", $"[\"{ids[2]}\",3]");
        Assert.Equal((1, 3), (await Gets(calls[0]), await Gets(calls[2])));
        Assert.Single(Channel.All, message => message.Message.ContentType == BatchText.ContentType + ";again=1");
    }

    [Fact]
    public async Task A_batch_that_nothing_was_answered_of_is_sent_again_as_a_whole_and_ends_for_its_batcher()
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));

        SendBack(batch.Id);

        Published copy = Channel.All.Last(message => message.Type == "$batch");
        Assert.NotEqual(batch.Id, copy.Id);
        Assert.Equal(batch.BatchedIds, copy.BatchedIds);
        await Until(() => Batcher.State == BatcherState.Idle);
        ReplyBatch(copy, $"[\"{copy.BatchedIds[0]}\",1]", $"[\"{copy.BatchedIds[1]}\",2]");
        Assert.Equal((1, 2), (await Gets(calls[0]), await Gets(calls[1])));
    }

    [Fact]
    public async Task The_third_time_fails_the_call()
    {
        Task<int> call = Call(new TestMethod<int>("Kill") { Idempotent = true }, Patient);
        for (int time = 1; time <= 3; time++)
        {
            SendBack(Channel.All[^1].Id);
        }

        var failure = await Fails<RpcConnectionException>(call);
        Assert.Equal(("Kill", RpcExecution.Unknown), (failure.Method, failure.Execution));
        Assert.Contains("sent back 3 times", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_certainly_did_not_run_do_not_count_and_are_not_marked()
    {
        Task<int> call = Call(new TestMethod<int> { AtMostOnce = true }, Patient);
        string? id = Channel.All[^1].Id;
        for (int time = 1; time <= 5; time++)
        {
            SendBack(Channel.All[^1].Id, NotRun);
            Assert.Equal(BatchText.ContentType, Channel.All[^1].Message.ContentType);
        }

        ReplyBatch(Channel.All[^1], $"[\"{id}\",5]");
        Assert.Equal(5, await Gets(call));
    }

    [Fact]
    public async Task A_call_that_runs_at_most_once_is_not_sent_again_if_it_may_have_run()
    {
        Task<int> call = Call(new TestMethod<int> { AtMostOnce = true }, Patient);
        int sent = Channel.All.Length;

        SendBack(Channel.All[^1].Id);

        Assert.Equal(RpcExecution.Unknown, (await Fails<RpcConnectionException>(call)).Execution);
        Assert.Equal(sent, Channel.All.Length);
    }

    [Theory]
    [InlineData(NotRun, RpcExecution.NotStarted)]
    [InlineData("", RpcExecution.Unknown)]
    public async Task A_call_that_was_sent_back_and_waits_may_have_run_only_if_its_attempt_may(string body, RpcExecution execution)
    {
        Task<int> call = Call(new TestMethod<int>(), new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1) });
        Connection.Block("low on memory");
        SendBack(Channel.All[^1].Id, body);

        Time.Advance(TimeSpan.FromSeconds(1.1));

        Assert.Equal(execution, (await Fails<RpcTimeoutException>(call)).Execution);
    }

    [Fact]
    public async Task The_answer_of_the_first_run_cancels_the_copy()
    {
        Connection.Exchanges.Add("q.cancel");
        Task<int> single = Call(new TestMethod<int>(), Patient);
        Published first = Channel.All[^1];
        SendBack(first.Id);
        Channel.Reply(first, "7");
        Assert.Equal(7, await Gets(single));
        await Until(() => HasCancelled(first.Id));

        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
        string[] ids = batch.BatchedIds;
        SendBack(batch.Id);
        ReplyBatch(batch, $"[\"{ids[0]}\",1]");
        Assert.Equal(1, await Gets(calls[0]));
        await Until(() => HasCancelled(ids[0]));
        Assert.False(HasCancelled(ids[1]));
    }

    [Fact]
    public async Task A_call_that_is_sent_back_while_the_broker_blocks_waits_and_still_travels_in_a_batch()
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Published first = Channel.All[^1];
        int sent = Channel.All.Length;
        Connection.Block("low on memory");
        SendBack(first.Id);
        Assert.Equal(sent, Channel.All.Length);

        Connection.Block(null);

        await Until(() => Channel.All.Length > sent);
        Published copy = Channel.All[^1];
        Assert.Equal("$batch", copy.Type);
        SendBack(first.Id);
        Assert.Equal(sent + 1, Channel.All.Length);
        ReplyBatch(copy, $"[\"{first.Id}\",5]");
        Assert.Equal(5, await Gets(call));
    }

    [Fact]
    public async Task A_server_that_reads_no_batches_gets_the_call_by_itself()
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Published first = Channel.All[^1];
        SendBack(first.Id);

        Channel.Reply(Channel.All[^1], """{"type":"urn:rpcgen:fault:unsupported"}""", type: "fault");

        Published single = Channel.All[^1];
        Assert.Equal(("Do", first.Id), (single.Type, single.Id));
        Channel.Reply(single, "5");
        Assert.Equal(5, await Gets(call));
    }

    [Fact]
    public async Task A_copy_whose_connection_is_lost_fails_or_is_sent_again_like_any_call()
    {
        Task<int> plain = Call(new TestMethod<int>("Plain"), Patient);
        SendBack(Channel.All[^1].Id);
        Task<int> idempotent = Call(new TestMethod<int>("Safe") { Idempotent = true }, Patient);
        Published first = Channel.All[^1];
        SendBack(first.Id);

        await LoseAsync();
        await ReopenAsync();

        await Fails<RpcConnectionException>(plain);
        await Until(() => Channel.All.Length == 1);
        Assert.Equal([first.Id], Channel.Single.BatchedIds);
        ReplyBatch(Channel.Single, $"[\"{first.Id}\",5]");
        Assert.Equal(5, await Gets(idempotent));
    }

    [Fact]
    public async Task A_copy_that_no_queue_takes_is_sent_again_after_a_pause()
    {
        Task<int> call = Call(new TestMethod<int>(), Patient);
        Published first = Channel.All[^1];
        SendBack(first.Id, NotRun);
        int sent = Channel.All.Length;

        Channel.Return(Channel.All[^1]);

        await AdvanceUntil(() => Channel.All.Length > sent);
        ReplyBatch(Channel.All[^1], $"[\"{first.Id}\",5]");
        Assert.Equal(5, await Gets(call));
    }

    private void SendBack(string? id, string body = "") => Channel.Reply(id, body, type: "again", contentType: null);

    private bool HasCancelled(string? id) =>
        Connection.Publishers.ToArray().SelectMany(publisher => publisher.All.ToArray()).Any(message => message.Message.Exchange == "q.cancel" && message.Id == id);
}
