using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Clients and servers of uploads that follow the protocol, break it, or vanish. They are written by hand.</summary>
public abstract class UploadByHandTests(ITestBroker broker) : UploadTest(broker)
{
    private const string WithWindow = "application/json;window=10000";

    [Fact]
    public async Task A_client_by_hand_sends_within_its_grant_and_gets_the_result()
    {
        await ServeAsync(CountAsync);
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        Received grant = await OpenAsync(client, "StoreNarrowly");
        Assert.Equal(("grant:parcels", "1", """{"every":5000,"bytes":4096}"""), (grant.Type, grant.CorrelationId, grant.Body));
        await client.SayAsync(grant, "item:parcels", $$"""[{"number":0,"text":"{{new string('x', 4000)}}"}]""", 0);
        Received more = await client.NextAsync();
        Assert.Equal(("grant:parcels", $$"""{"bytes":{{4096 + 4024 + 256}}}"""), (more.Type, more.Body));
        await client.SayAsync(grant, "item:parcels", """[{"number":1,"text":"b"},{"number":2,"text":"c"}]""", 1);
        await client.SayAsync(grant, "end:parcels", "", 3);

        Received result = await client.NextAsync();
        Assert.Equal((null, "1", """{"count":3,"note":"x"}"""), (result.Type, result.CorrelationId, result.Body));
        Assert.Equal(grant.ReplyTo, result.ReplyTo);
        await UntilQueueIsEmptyAsync();
    }

    [Theory]
    [InlineData("item:parcels", """[{"number":0,"text":"a"}]""", 1, "item 1 where item 0")]
    [InlineData("end:parcels", "[]", 7, "item 7 where item 0")]
    [InlineData("item:parcels", "[", 0, "cannot be read")]
    [InlineData("item:parcels", """{"number":1}""", 0, "cannot be read")]
    [InlineData("item:parcels", "[]", null, "item -1")]
    [InlineData("item:others", "[]", 0, "takes no stream 'others'")]
    public async Task A_client_that_breaks_the_rules_is_told_and_the_handler_ends(string type, string body, int? number, string says)
    {
        var ended = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            try
            {
                return await CountAsync(name, parcels, token);
            }
            finally
            {
                ended.SetResult(token.IsCancellationRequested);
            }
        });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        Received grant = await OpenAsync(client, "Store");

        await client.SayAsync(grant, type, body, number);

        Received fault = await NextFaultAsync(client);
        Assert.Equal("protocol", fault.FaultCode);
        Assert.Contains(says, System.Text.Json.Nodes.JsonNode.Parse(fault.Body)!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(await ended.Task.OrFail());
    }

    [Fact]
    public async Task More_than_was_granted_ends_the_call()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            await go.Task;
            return await CountAsync(name, parcels, token);
        });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        Received grant = await OpenAsync(client, "StoreNarrowly");

        string large = $$"""[{"number":0,"text":"{{new string('x', 5000)}}"}]""";
        await client.SayAsync(grant, "item:parcels", large, 0);
        await client.SayAsync(grant, "item:parcels", large, 1);
        Received cancel = await client.NextAsync(); // before anything is read
        go.SetResult();

        Assert.Equal("cancel:parcels", cancel.Type);
        Received fault = await client.NextAsync();
        Assert.Equal("protocol", fault.FaultCode);
        Assert.Contains("more than it was granted", fault.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Items_that_break_the_contract_are_refused_with_their_path()
    {
        int count = 0;
        await ServeAsync(async (name, parcels, token) =>
        {
            await foreach (Parcel _ in parcels.WithCancellation(token))
            {
                count++;
            }

            return new Receipt(count, name);
        });
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        Received grant = await OpenAsync(client, "Store");

        await client.SayAsync(grant, "item:parcels", """[{"number":0,"text":"a"},{"number":-1,"text":"b"},null]""", 0);

        Received fault = await client.NextAsync();
        Assert.Equal("validation", fault.FaultCode);
        Assert.Contains("parcels[1].number", fault.Body, StringComparison.Ordinal);
        Assert.Contains("\"ran\":true", fault.Body, StringComparison.Ordinal);
        Assert.Equal(1, count);
    }

    [Fact]
    public async Task A_request_without_a_window_is_refused()
    {
        await ServeAsync(CountAsync);
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await client.SendAsync(Queue, """{"name":"x","parcels":[]}""", "Store");

        Received refusal = await client.NextAsync();
        Assert.Equal(("protocol", null), (refusal.FaultCode, refusal.ReplyTo));
    }

    [Fact]
    public async Task Items_that_a_beat_counts_and_that_have_not_come_end_the_call()
    {
        await ServeAsync(CountAsync);
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        Received grant = await OpenAsync(client, "Store");

        await client.SendAsync(grant.ReplyTo!, """{"calls":[["1",1]]}""", "beat", null);

        Assert.Equal("protocol", (await client.NextAsync()).FaultCode);
    }

    [Fact]
    public async Task A_client_whose_queue_is_gone_is_lost()
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(
            async (name, parcels, token) =>
            {
                token.Register(fired.SetResult);
                return await CountAsync(name, parcels, token);
            },
            connection: new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromMilliseconds(100) });
        RawPeer client = await RawPeer.ConnectAsync(Broker);
        await OpenAsync(client, "Store");

        await client.DisposeAsync(); // as after kill -9

        await fired.Task.OrFail(); // with the next beat
    }

    [Fact]
    public async Task A_server_by_hand_grants_stops_and_answers()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(0, 1, 2);
        Task<Receipt> storing = client.StoreAsync("x", source, Cancel);
        Received request = await server.NextAsync();
        await using RawPeer stream = await RawPeer.ConnectAsync(Broker);
        Assert.Matches(@"^application/json;window=\d+;beat=5000$", request.ContentType);
        Assert.Equal(("Store", """{"name":"x"}""", 0), (request.Type, request.Body, source.Runs));

        await stream.SayAsync(request, "open", """{"every":5000}""");
        await stream.SayAsync(request, "grant:parcels", """{"bytes":1}""");
        Received first = await stream.NextAsync();
        Assert.Equal("item:parcels", first.Type);
        await stream.SayAsync(request, "grant:parcels", """{"bytes":10000}""");
        source.Write(3);
        string all = first.Body;
        while (!all.Contains("\"number\":3", StringComparison.Ordinal))
        {
            all += (await stream.NextAsync()).Body;
        }

        await stream.SayAsync(request, "cancel:parcels", "");
        await source.Disposed.OrFail();
        Assert.False(storing.IsCompleted);
        await stream.SayAsync(request, null, """{"count":4,"note":"by hand"}""");

        Assert.Equal(new Receipt(4, "by hand"), await storing.OrFail());
        Assert.Empty(source.Misuses);
    }

    [Theory]
    [InlineData("grant:others", """{"bytes":1}""", "no stream 'others'")]
    [InlineData("grant:parcels", """{"bytes":-1}""", "grant cannot be read")]
    [InlineData("item", "[]", "a stream instead of one result")]
    [InlineData("item:parcels", "[]", "no progress 'parcels'")]
    [InlineData(null, "{", "cannot be read")]
    [InlineData(null, "", "cannot be read")]
    public async Task A_server_that_breaks_the_rules_fails_the_call(string? type, string body, string says)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        IIntake client = await CreateClientAsync();
        Task<Receipt> storing = client.StoreAsync("x", new ParcelSource(), Cancel);
        Received request = await server.NextAsync();
        await using RawPeer stream = await RawPeer.ConnectAsync(Broker);

        await stream.SayAsync(request, type, body, 0);

        var broken = await Assert.ThrowsAsync<RpcProtocolException>(() => storing.OrFail());
        Assert.Contains(says, broken.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_server_that_has_granted_keeps_the_call()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        Task<Receipt> storing = client.StoreAsync("x", source, Cancel);
        Received request = await server.NextAsync();
        await using RawPeer first = await RawPeer.ConnectAsync(Broker);
        await using RawPeer second = await RawPeer.ConnectAsync(Broker);

        await first.SayAsync(request, "grant:parcels", """{"bytes":10000}""");
        await Wait.UntilAsync(() => source.Runs == 1, "the source is read");
        await second.SayAsync(request, "grant:parcels", """{"bytes":10000}""");

        Assert.Equal("cancel", (await second.NextAsync()).Type);
        await first.SayAsync(request, null, """{"count":0,"note":"first"}""");
        Assert.Equal("first", (await storing.OrFail()).Note);
        Assert.Equal(1, source.Runs);
    }

    private async Task<Received> OpenAsync(RawPeer client, string method)
    {
        await client.SendAsync(Queue, """{"name":"x"}""", method, contentType: WithWindow);
        return await client.NextAsync();
    }

    /// <summary>The next fault. The stream that is broken off is cancelled before it.</summary>
    private static async Task<Received> NextFaultAsync(RawPeer client)
    {
        Received next = await client.NextAsync();
        return next.Type == "cancel:parcels" ? await client.NextAsync() : next;
    }
}

public sealed class UploadByHandTestsInMemory(MemoryBroker broker) : UploadByHandTests(broker), IClassFixture<MemoryBroker>;

public sealed class UploadByHandTestsOnRabbitMq(SharedRabbit broker) : UploadByHandTests(broker);
