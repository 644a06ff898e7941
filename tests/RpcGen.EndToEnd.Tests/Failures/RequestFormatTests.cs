using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>The properties and body of a request.</summary>
public abstract class RequestFormatTests(ITestBroker broker) : BadMessageTest(broker)
{
    [Fact]
    public async Task Requests_follow_the_protocol()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        RpcConnection connection = await ConnectAsync(new RpcConnectionOptions { Batching = false });
        Task<string> call = connection.CreateClient<ITroublemaker>(ClientOptions).DoAsync("ä\"b", Cancel);

        Received request = await server.NextAsync();
        await ReplyAsync(server, request, "null");

        Assert.Null(await call.OrFail());
        Assert.Equal(("Do", "application/json", "{\"text\":\"ä\\\"b\"}"), (request.Type, request.ContentType, request.Body));
        Assert.Matches("^rpc[.]cb[.]~[0-9a-f]{16}$", request.ReplyTo);
        Assert.Matches("^[0-9a-f]{16}$", request.CorrelationId);
        Assert.InRange(int.Parse(request.Expiration!, System.Globalization.CultureInfo.InvariantCulture), 25_000, 30_000);
        Assert.InRange(request.Timestamp, DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1);
    }
}

public sealed class RequestFormatTestsInMemory(MemoryBroker broker) : RequestFormatTests(broker), IClassFixture<MemoryBroker>;

public sealed class RequestFormatTestsOnRabbitMq(SharedRabbit broker) : RequestFormatTests(broker);
