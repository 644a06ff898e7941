using RpcGen.Client.Batching;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Batching;

/// <summary>Every move of the batcher's state machine, and its bounds.</summary>
public sealed class RequestBatcherTests : BatchingFixture
{
    [Fact]
    public async Task A_call_that_comes_alone_is_sent_at_once_by_itself()
    {
        Task<int> call = Add(1); // Idle → InFlight

        Assert.Equal(("Add", "{\"n\":1}"), (Channel.All[^1].Type, Channel.All[^1].Body));
        Assert.Equal(BatcherState.InFlight, Batcher.State);
        Channel.Reply(Channel.All[^1], "1"); // InFlight → Idle
        Assert.Equal(BatcherState.Idle, Batcher.State);
        Assert.Equal(1, await Gets(call));
    }

    [Fact]
    public async Task Calls_that_come_meanwhile_travel_together()
    {
        ((Task<int>[] calls, Published batch), string[] ids) = (await SendBatchAsync(() => Add(1), () => Add(2), () => Add(3)), []);

        Assert.Equal(("$batch", "", "q", BatchText.ContentType), (batch.Type, batch.Message.Exchange, batch.RoutingKey, batch.Message.ContentType));
        Assert.True(batch.Message.IsMandatory);
        Assert.Equal(Channel.Declared!.Name, batch.Message.ReplyTo);
        Assert.Equal((long)TimeSpan.FromHours(1).TotalMilliseconds, batch.Message.Expiration);
        Assert.Equal(Time.GetUtcNow().ToUnixTimeSeconds(), batch.Message.Timestamp);
        ids = batch.BatchedIds;
        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal($"[[\"{ids[0]}\",\"Add\",3600000,{{\"n\":1}}],[\"{ids[1]}\",\"Add\",3600000,{{\"n\":2}}],[\"{ids[2]}\",\"Add\",3600000,{{\"n\":3}}]]", batch.Body);
        Assert.Equal(BatcherState.InFlight, Batcher.State);

        ReplyBatch(batch, $"[\"{ids[0]}\",1]", $"[\"{ids[1]}\",2]", $"[\"{ids[2]}\",3]");
        Assert.Equal((IEnumerable<int>)[1, 2, 3], await Gets(Task.WhenAll(calls)));
        await Until(() => Batcher.State == BatcherState.Idle); // InFlight → Gathering → Idle
        Assert.Equal(0, Session.PendingCount);
    }

    [Fact]
    public async Task A_single_call_that_waited_is_sent_by_itself()
    {
        (Task<int> alone, Published request) = Occupy();
        Task<int> waiting = Add(1);
        Channel.Reply(request, "100");
        await Gets(alone);
        await Until(() => Channel.All[^1] != request);

        Assert.Equal("Add", Channel.All[^1].Type);
        Assert.Equal(BatcherState.InFlight, Batcher.State);
        Channel.Reply(Channel.All[^1], "1"); // reports its own ticket
        Assert.Equal(1, await Gets(waiting));
        Assert.Equal(BatcherState.Idle, Batcher.State);
    }

    [Fact]
    public async Task A_reply_to_an_earlier_message_does_not_end_the_one_in_flight()
    {
        (Task<int> slow, Published first) = Occupy();
        Task<int> second = Add(1);
        Time.Advance(RequestBatcher.ReplyTimeout);
        await Until(() => Channel.All[^1] != first);
        Task<int> third = Add(2);
        Channel.Reply(first, "100");
        await Gets(slow);
        await Task.Delay(5, Cancel);

        Assert.Equal(BatcherState.InFlight, Batcher.State);
        Assert.Equal("{\"n\":1}", Channel.All[^1].Body); // the third still waits
        Channel.Reply(Channel.All[^1], "1");
        await Gets(second);
        await Until(() => Channel.All[^1].Body == "{\"n\":2}");
        Channel.Reply(Channel.All[^1], "2");
        await Gets(third);
    }

    [Fact]
    public async Task Waiting_calls_do_not_wait_longer_than_two_milliseconds_for_a_slow_reply()
    {
        (_, Published first) = Occupy();
        _ = Add(1);
        Time.Advance(RequestBatcher.ReplyTimeout - TimeSpan.FromTicks(1));
        await Task.Delay(5, Cancel);
        Assert.Same(first, Channel.All[^1]);

        Time.Advance(TimeSpan.FromTicks(1));
        await Until(() => Channel.All[^1] != first);
        Assert.Equal(BatcherState.InFlight, Batcher.State);
    }

    [Fact]
    public async Task A_timer_for_an_earlier_message_does_not_end_a_later_one()
    {
        (Task<int> alone, Published first) = Occupy();
        Task<int> waiting = Add(1); // starts the timer
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Channel.Reply(first, "100");
        await Gets(alone);
        await Until(() => Channel.All[^1] != first);
        Time.Advance(TimeSpan.FromMilliseconds(1.5)); // the first message's time
        Assert.Equal(BatcherState.InFlight, Batcher.State);
        Channel.Reply(Channel.All[^1], "1");
        await Gets(waiting);
        Assert.Equal(BatcherState.Idle, Batcher.State);

        Time.Advance(TimeSpan.FromMilliseconds(5));
        Assert.Equal(BatcherState.Idle, Batcher.State);
    }

    [Fact]
    public async Task Without_waiting_calls_a_slow_message_stays_in_flight()
    {
        Occupy();
        Time.Advance(TimeSpan.FromSeconds(1));
        await Task.Delay(5, Cancel);

        Assert.Equal(BatcherState.InFlight, Batcher.State);
    }

    [Fact]
    public async Task A_batch_is_filled_up_to_its_number_of_calls()
    {
        (Task<int>[] _, Published batch) = await SendBatchAsync([.. Enumerable.Range(0, RequestBatcher.MaxCalls + 1).Select(i => (Func<Task<int>>)(() => Add(i)))]);

        Assert.Equal(RequestBatcher.MaxCalls, batch.BatchedIds.Length);
    }

    [Fact]
    public async Task A_batch_is_filled_up_to_its_number_of_bytes()
    {
        RpcCaller<int, int> large = await TeachAsync(new TestMethod<int>("Large") { Batch = true, Writes = writer => writer.WriteRawValue(new string('1', 16_000)) });
        (Task<int>[] _, Published batch) = await SendBatchAsync([.. Enumerable.Repeat(() => large.CallAsync(Patient, 1, Cancel).AsTask(), 6)]);

        Assert.Equal(4, batch.BatchedIds.Length); // 4 * 16,000 bytes are below 64 KiB, 5 are not
    }

    [Fact]
    public async Task A_call_with_a_large_body_is_not_batched()
    {
        RpcCaller<int, int> exact = await TeachAsync(new TestMethod<int>("Exact") { Batch = true, Writes = writer => writer.WriteRawValue(new string('1', RequestBatcher.MaxBodyBytes)) });
        RpcCaller<int, int> large = await TeachAsync(new TestMethod<int>("Large") { Batch = true, Writes = writer => writer.WriteRawValue(new string('1', RequestBatcher.MaxBodyBytes + 1)) });
        (_, Published first) = Occupy();
        _ = exact.CallAsync(Patient, 1, Cancel).AsTask();
        Assert.Same(first, Channel.All[^1]);

        _ = large.CallAsync(Patient, 1, Cancel).AsTask();
        Assert.Equal("Large", Channel.All[^1].Type);
    }

    [Fact]
    public void A_call_with_much_metadata_or_priority_is_not_batched()
    {
        Occupy();
        var many = new RpcMetadata();
        for (int i = 0; i <= 32; i++)
        {
            many[$"{i}"] = "";
        }

        _ = Add(1, options: new RpcCallOptions { Timeout = TimeSpan.FromHours(1), Metadata = new RpcMetadata { ["tenant"] = new('a', 2048 - 5) } });
        _ = Add(2, options: new RpcCallOptions { Timeout = TimeSpan.FromHours(1), Metadata = many });
        _ = Add(3, options: new RpcCallOptions { Timeout = TimeSpan.FromHours(1), Priority = 1 });

        Assert.Equal(["{\"n\":1}", "{\"n\":2}", "{\"n\":3}"], Channel.All[^3..].Select(request => request.Body));
        Assert.Equal(["application/json;batch=1", "application/json;batch=1", "application/json"], Channel.All[^3..].Select(request => request.Message.ContentType!));
    }

    [Fact]
    public async Task Entries_have_their_calls_metadata()
    {
        var options = new RpcCallOptions { Timeout = TimeSpan.FromHours(1), Metadata = new RpcMetadata { ["tenant"] = new('a', 2048 - 6) } };

        (_, Published batch) = await SendBatchAsync(() => Add(1, options), () => Add(2));

        Assert.Equal("$batch", batch.Type);
        Assert.Null(batch.Message.Headers);
        Assert.Contains($$""",{"n":1},null,{"tenant":"{{new string('a', 2048 - 6)}}"}],[""", batch.Body, StringComparison.Ordinal);
        Assert.EndsWith(""",{"n":2}]]""", batch.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Methods_that_run_at_most_once_are_batched_apart()
    {
        Assert.Same(Batcher, Session.GetBatcher(Route, isAtMostOnce: false));
        Assert.NotSame(Batcher, Session.GetBatcher(Route, isAtMostOnce: true));
        RpcCaller<int, int> once = await TeachAsync(new TestMethod<int>("Once") { Batch = true, AtMostOnce = true });
        Occupy();

        _ = once.CallAsync(Patient, 1, Cancel).AsTask();

        Assert.Equal("Once", Channel.All[^1].Type); // it does not wait for the other batcher's message
    }

    [Fact]
    public async Task Calls_that_ended_while_they_waited_are_left_out()
    {
        using var source = new CancellationTokenSource();
        (Task<int> alone, Published first) = Occupy();
        Task<int> cancelled = AddCancellably(1, source.Token);
        Task<int> kept = Add(2);
        await source.CancelAsync();
        await Fails<OperationCanceledException>(cancelled);
        Channel.Reply(first, "100");
        await Gets(alone);
        await Until(() => Channel.All[^1] != first);

        Published batch = Channel.All[^1];
        string id = Assert.Single(batch.BatchedIds);
        ReplyBatch(batch, $"[\"{id}\",2]");
        Assert.Equal(2, await Gets(kept));
    }

    [Fact]
    public async Task If_all_calls_ended_while_they_waited_no_message_is_sent()
    {
        using var source = new CancellationTokenSource();
        (Task<int> alone, Published first) = Occupy();
        Task<int>[] cancelled = [AddCancellably(1, source.Token), AddCancellably(2, source.Token)];
        await source.CancelAsync();
        foreach (Task<int> call in cancelled)
        {
            await Fails<OperationCanceledException>(call);
        }

        Channel.Reply(first, "100");
        await Gets(alone);
        await Until(() => Batcher.State == BatcherState.Idle);
        Assert.Same(first, Channel.All[^1]);

        (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(3), () => Add(4)); // the spare batch is empty again
        Assert.Equal(2, batch.BatchedIds.Length);
        ReplyBatch(batch, [.. batch.BatchedIds.Select(id => $"[\"{id}\",5]")]);
        Assert.Equal((IEnumerable<int>)[5, 5], await Gets(Task.WhenAll(calls)));
    }

    [Fact]
    public async Task A_batch_object_is_used_again()
    {
        for (int round = 0; round < 3; round++)
        {
            (Task<int>[] calls, Published batch) = await SendBatchAsync(() => Add(1), () => Add(2));
            ReplyBatch(batch, [.. batch.BatchedIds.Select(id => $"[\"{id}\",5]")]);
            Assert.Equal((IEnumerable<int>)[5, 5], await Gets(Task.WhenAll(calls)));
            await Until(() => Batcher.State == BatcherState.Idle);
        }

        Assert.Equal(3, Channel.All.Where(request => request.Type == "$batch").Select(request => request.Id).Distinct().Count());
    }

    [Fact]
    public async Task Without_a_link_calls_wait_and_are_sent_singly()
    {
        (Task<int> alone, Published first) = Occupy();
        Connection.Block("memory");
        Task<int>[] calls = [Add(1), Add(2)];
        Channel.Reply(first, "100");
        await Gets(alone);
        await Until(() => Batcher.State == BatcherState.Idle);
        Assert.Same(first, Channel.All[^1]);

        Connection.Block(null);
        await Until(() => Channel.All.Length >= 2 && Channel.All[^2..].All(request => request.Type == "Add" && request != first));
        Channel.Reply(Channel.All[^2], "1");
        Channel.Reply(Channel.All[^1], "1");
        Assert.Equal((IEnumerable<int>)[1, 1], await Gets(Task.WhenAll(calls)));
    }

    [Fact]
    public async Task Gathering_gives_resumed_callers_a_chance_to_call_again()
    {
        (Task<int>[] calls, Published batch) = await SendBatchAsync([.. Enumerable.Range(0, 8).Select(i => (Func<Task<int>>)(() => Add(i)))]);
        ReplyBatch(batch, [.. batch.BatchedIds.Select(id => $"[\"{id}\",5]")]);
        await Gets(Task.WhenAll(calls));

        await Until(() => Batcher.State == BatcherState.Idle); // it yields a few times only
    }

    private async Task<RpcCaller<int, int>> TeachAsync(TestMethod<int> method)
    {
        RpcCaller<int, int> caller = Caller(method);
        Task<int> first = caller.CallAsync(Patient, 0, Cancel).AsTask();
        Channel.Reply(Channel.All[^1], "0", contentType: Batchable);
        await Gets(first);
        return caller;
    }
}
