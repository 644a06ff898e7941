using System.Text;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Clients and servers of streams of bytes that follow the protocol, or break it. They are written by hand.</summary>
public abstract class BytesByHandTests(ITestBroker broker) : BytesTest(broker)
{
    private const string Octets = "application/octet-stream";
    private const string WithWindow = "application/json;window=10000";

    [Fact]
    public async Task A_client_by_hand_downloads()
    {
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(new MemoryStream("abc"u8.ToArray()))));
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);

        await client.SendAsync(Queue, """{"name":"x"}""", "Download", contentType: WithWindow);

        Received first = await client.NextAsync();
        Assert.Equal((Octets, "abc"), (first.ContentType, first.Body));
        Received end = first.Type == "end" ? first : await client.NextAsync();
        Assert.Equal("end", end.Type);
    }

    [Fact]
    public async Task A_client_by_hand_uploads()
    {
        await ServeAsync(new Files(upload: async (name, content, _) => name + Encoding.UTF8.GetString(await ReadAllAsync(content))));
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Upload", contentType: WithWindow);
        Received grant = await client.NextAsync();
        Assert.Equal("grant:content", grant.Type);

        await client.SayAsync(grant, "item:content", "abc", 0, Octets);
        await client.SayAsync(grant, "end:content", "de", 3, Octets);

        Received result = await client.NextAsync();
        Assert.Equal((null, "\"xabcde\""), (result.Type, result.Body));
    }

    [Theory]
    [InlineData("item:content", "abc", 1, Octets, "byte 1 where byte 0")]
    [InlineData("end:content", "", 7, null, "byte 7 where byte 0")]
    [InlineData("item:content", "[1]", 0, "application/json", "content type 'application/json'")]
    public async Task A_client_that_breaks_the_rules_is_told(string type, string body, int number, string? contentType, string says)
    {
        await ServeAsync(new Files(upload: async (name, content, _) => name + (await ReadAllAsync(content)).Length));
        await using RawPeer client = await RawPeer.ConnectAsync(Broker);
        await client.SendAsync(Queue, """{"name":"x"}""", "Upload", contentType: WithWindow);
        Received grant = await client.NextAsync();

        await client.SayAsync(grant, type, body, number, contentType);

        Received fault = await client.NextAsync();
        fault = fault.Type == "cancel:content" ? await client.NextAsync() : fault;
        Assert.Equal("protocol", fault.FaultCode);
        Assert.Contains(says, System.Text.Json.Nodes.JsonNode.Parse(fault.Body)!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("end", "abc", 0, Octets, null)]
    [InlineData("end", "abc", 5, Octets, "byte 5 where byte 0")]
    [InlineData("item", "[1]", 0, "application/json", "content type 'application/json'")]
    public async Task A_server_by_hand_is_read_or_refused(string type, string body, int number, string contentType, string? says)
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        IFiles client = await CreateClientAsync();
        Task<Stream> downloading = client.DownloadAsync("x", Cancel);
        Received request = await server.NextAsync();
        Assert.Matches(@"^application/json;window=\d+;beat=5000$", request.ContentType);
        await using RawPeer stream = await RawPeer.ConnectAsync(Broker);
        await stream.SayAsync(request, "open", """{"every":5000}""");
        await using Stream download = await downloading.OrFail();

        await stream.SayAsync(request, type, body, number, contentType);

        if (says is null)
        {
            Assert.Equal(body, Encoding.UTF8.GetString(await ReadAllAsync(download)));
        }
        else
        {
            var broken = await Assert.ThrowsAsync<RpcProtocolException>(() => ReadAllAsync(download));
            Assert.Contains(says, broken.Message, StringComparison.Ordinal);
        }
    }
}

public sealed class BytesByHandTestsInMemory(MemoryBroker broker) : BytesByHandTests(broker), IClassFixture<MemoryBroker>;

public sealed class BytesByHandTestsOnRabbitMq(SharedRabbit broker) : BytesByHandTests(broker);
