using System.Text;
using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Server.Running;
using RpcGen.Tests.Server;
using RpcGen.Transport;

namespace RpcGen.Tests.Limits;

/// <summary>The calls of all batches of a channel are limited together, and what a batch holds is limited.</summary>
public sealed class BatchLimitTests
{
    private const int Places = 1; // so that batches are opened one after the other
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TestServer _server = new() { Settings = TestServer.CreateSettings() with { MaxMessageBytes = JsonLimits.MaxMessageBytes, MaxConcurrentCalls = Places } };
    private int _runs;

    public BatchLimitTests() => _server.Serve(async (text, _) =>
    {
        Interlocked.Increment(ref _runs);
        await (text == "first" ? _first : _open).Task;
        return text;
    });

    [Fact]
    public async Task A_batch_above_the_limit_is_opened_once_earlier_calls_have_ended()
    {
        await DeliverTogetherAsync(JsonLimits.MaxBatchEntries, 10, JsonLimits.MaxBatchEntries);

        // The first batch is open, the others are not.
        await TaskBounds.Until(() => _server.Link.Load == (Places, JsonLimits.MaxBatchEntries - Places + 2));
        _open.SetResult();

        await TaskBounds.Until(() => _server.Link.Load == (0, 0));
        Assert.Equal(Places + (2 * JsonLimits.MaxBatchEntries) + 10, _runs);
        ulong acknowledged = 0;
        while (acknowledged < Places + 3)
        {
            acknowledged = (await _server.Channel.NextAckAsync()).Tag;
        }
    }

    [Fact]
    public async Task Batches_within_the_limit_are_open_together()
    {
        await DeliverTogetherAsync(2000, 2000);

        await TaskBounds.Until(() => _server.Link.Load == (Places, 4000 - Places));
        _open.SetResult();
        await TaskBounds.Until(() => _server.Link.Load == (0, 0));
    }

    [Fact]
    public async Task A_parked_batch_is_abandoned_with_its_channel()
    {
        await DeliverTogetherAsync(JsonLimits.MaxBatchEntries, 10);
        await TaskBounds.Until(() => _server.Link.Load == (Places, JsonLimits.MaxBatchEntries - Places + 1));
        int before = _runs;

        await _server.Link.DisposeAsync();
        _open.SetResult();

        await TaskBounds.Until(() => _server.Link.Load == (0, 0));
        Assert.Equal(before, _runs);
        Assert.DoesNotContain(_server.Channel.Events, entry => entry.StartsWith($"ack {Places + 1}", StringComparison.Ordinal) || entry.StartsWith($"ack {Places + 2}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_parked_batch_that_its_caller_cancels_gives_its_room_back()
    {
        await _server.Link.StartAsync(hasBroadcasts: false, TestContext.Current.CancellationToken);
        await DeliverTogetherAsync(JsonLimits.MaxBatchEntries, JsonLimits.MaxBatchEntries, JsonLimits.MaxBatchEntries);
        await TaskBounds.Until(() => _server.Link.Load == (Places, JsonLimits.MaxBatchEntries - Places + 2));
        var cancel = new IncomingMessage { ReplyTo = "rpc.cb.me", CorrelationId = $"batch {Places + 2}" };
        _server.Channel.Consumers.Single(consumer => consumer.Key.StartsWith("rpc.cx.", StringComparison.Ordinal)).Value.Consumer.OnDelivered(in cancel);

        _open.SetResult();

        await TaskBounds.Until(() => _server.Link.Load == (0, 0));
        Assert.Equal(Places + (2 * JsonLimits.MaxBatchEntries), _runs);
    }

    [Theory]
    [InlineData("[\"\\ud800\",0]\n\n")]
    [InlineData("[\"x\",0,\"\\udc00\"]\n\n")]
    public void Text_that_is_no_Unicode_is_malformed(string body) => AssertMalformed(Encoding.UTF8.GetBytes(body), "not valid Unicode");

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_malformed() => AssertMalformed([.. "[\""u8, 0xff, 0xfe, .. "\",0]\n\n"u8], "");

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    [InlineData(10_000, false)]
    public void Ids_and_names_have_the_length_of_a_property(int length, bool isRead)
    {
        byte[] body = Encoding.UTF8.GetBytes($"[\"{new string('x', length)}\",0,\"{new string('y', length)}\"]\n\n");

        if (isRead)
        {
            Read(body);
        }
        else
        {
            AssertMalformed(body, "more than 255 bytes");
        }
    }

    [Fact]
    public void Escaped_names_count_decoded()
    {
        string Escaped(int length) => string.Concat(Enumerable.Repeat("\\u0041", length));

        Read(Encoding.UTF8.GetBytes($"[\"{Escaped(255)}\",0,null]\n\n"));
        AssertMalformed(Encoding.UTF8.GetBytes($"[\"{Escaped(256)}\",0,null]\n\n"), "more than 255 bytes");
    }

    [Theory]
    [InlineData(JsonLimits.MaxBatchEntries, true)]
    [InlineData(JsonLimits.MaxBatchEntries + 1, false)]
    public void Replies_are_limited_too(int entries, bool isRead)
    {
        byte[] body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("[\"0\",0]\n\n", entries)));

        if (isRead)
        {
            Read(body);
        }
        else
        {
            AssertMalformed(body, "more than 4096 entries");
        }
    }

    private static void AssertMalformed(byte[] body, string reason) =>
        Assert.Contains(reason, Assert.ThrowsAny<JsonException>(() => Read(body)).Message, StringComparison.Ordinal);

    private static void Read(byte[] body)
    {
        var reader = new BatchReader(body);
        while (reader.NextEntry())
        {
            if (reader.HasElement)
            {
                reader.ReadText();
            }

            reader.EndEntry();
        }
    }

    /// <summary>Delivers batches while every place is taken, then frees the places: the batches are looked at before any of their calls.</summary>
    private async Task DeliverTogetherAsync(params int[] sizes)
    {
        for (int i = 1; i <= Places; i++)
        {
            _server.Deliver(TestServer.Request(id: $"{i}", tag: (ulong)i, body: """{"text":"first"}"""));
        }

        await TaskBounds.Until(() => _runs == Places);
        for (int i = 0; i < sizes.Length; i++)
        {
            _server.Deliver(Batch((ulong)(Places + 1 + i), sizes[i]));
        }

        _first.SetResult();
    }

    private static IncomingMessage Batch(ulong tag, int calls) => TestServer.Request(
        type: "$batch", id: $"batch {tag}", tag: tag, body: $"[{string.Join(',', Enumerable.Range(0, calls).Select(i => $$"""["{{tag}}-{{i}}","echo",60000,{"text":"a"}]"""))}]");
}
