using System.Globalization;
using System.Text;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>One-way requests that failed or were refused go to the service's dead-letter queue, with the reason.</summary>
public abstract class DeadLetterQueueTests(ITestBroker broker) : DeliveryTest(broker)
{
    [Theory]
    [InlineData(false, "'Send' failed. The server's log has the exception under call id")]
    [InlineData(true, "out of stamps")]
    public async Task A_failed_request_says_why_as_far_as_it_is_disclosed(bool detailed, string reason)
    {
        await ServeDeadAsync(new Courier((text, _) => text == "bad" ? throw new InvalidOperationException("out of stamps") : Task.FromResult(text)), options => options.EnableDetailedErrors = detailed);
        ICourier client = (await CreateClientAsync()).With(metadata: new RpcMetadata { ["tenant"] = "acme" });

        await client.SendAsync("bad", Cancel).OrFail();
        await client.SendAsync("good", Cancel).OrFail();

        Received letter = await ReadAsync();
        Assert.Equal(("Send", """{"text":"bad"}""", "application/json"), (letter.Type, letter.Body, letter.ContentType));
        Assert.Equal((Queue, "internal", "acme"), (Header(letter, "rpcgen-queue"), Header(letter, "rpcgen-code"), Header(letter, "tenant")));
        Assert.StartsWith(reason, Header(letter, "rpcgen-reason"), StringComparison.Ordinal);
        Assert.InRange((long)letter.Headers!["rpcgen-time"]!, DateTimeOffset.UtcNow.AddHours(-1).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds());
        Assert.Null(letter.UserId);
        await UntilQueueIsEmptyAsync();
        Assert.Equal((1, 0), (Log.Count(47), Log.Count(65)));
    }

    [Theory]
    [InlineData("Send", "{\"text\":null}", "application/json", "validation", "text")]
    [InlineData("Send", "no JSON", "application/json", "protocol", "JSON")]
    [InlineData("Sned", "{}", "application/json", "unknown-method", "Sned")]
    [InlineData("Send", "{\"text\":\"x\"}", "image/png", "protocol", "image/png")]
    public async Task A_refused_request_says_why(string type, string body, string contentType, string code, string says)
    {
        await ServeDeadAsync(new Courier());
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.SendAsync(Queue, body, type, correlationId: "any id", replyTo: null, contentType: contentType, headers: new Dictionary<string, object?> { ["rpcgen-code"] = "forged", ["x-own"] = "dropped" });

        Received letter = await ReadAsync();
        Assert.Equal((type, body, contentType, "any id"), (letter.Type, letter.Body, letter.ContentType, letter.CorrelationId));
        Assert.Equal(code, Header(letter, "rpcgen-code"));
        Assert.Contains(says, Header(letter, "rpcgen-reason"), StringComparison.Ordinal);
        Assert.False(letter.Headers!.ContainsKey("x-own"));
        await UntilQueueIsEmptyAsync();
    }

    /// <summary>It was acknowledged before it ran, and could not be rejected any more.</summary>
    [Fact]
    public async Task A_failed_request_that_runs_at_most_once_has_a_dead_letter_too()
    {
        await ServeDeadAsync(new Courier((_, _) => throw new InvalidOperationException()));

        await (await CreateClientAsync()).SendOnceAsync("x", Cancel).OrFail();

        Assert.Equal("SendOnce", (await ReadAsync()).Type);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task Every_request_is_settled_once_when_some_fail()
    {
        const int count = 300;
        var courier = new Courier(async (text, _) =>
        {
            await Task.Yield();
            return text.EndsWith('7') ? throw new InvalidOperationException(text) : text;
        });
        await ServeDeadAsync(courier);
        ICourier client = await CreateClientAsync();

        await Task.WhenAll(Enumerable.Range(0, count).Select(i => client.SendAsync(i.ToString(CultureInfo.InvariantCulture), Cancel))).OrFail();

        await UntilDeadAsync(count / 10);
        await UntilQueueIsEmptyAsync();
        Assert.Equal(count, courier.Got.Length);
        Assert.Equal(0, Log.Count(65));
    }

    [Fact]
    public async Task A_request_is_rejected_if_its_dead_letter_cannot_be_sent()
    {
        string policy = Queue + ".policy";
        await Broker.DeclareQueueAsync(policy);
        await Broker.DeclareQueueAsync(Queue, deadLetterQueue: policy);
        await Broker.DeclareQueueAsync(DeadLetters);
        await ServeDeadAsync(new Courier((_, _) => throw new InvalidOperationException()), options => options.UseExistingQueue = true);
        await Broker.DeleteQueueAsync(DeadLetters);

        await (await CreateClientAsync()).SendAsync("x", Cancel).OrFail();

        await Wait.UntilAsync(async () => (await Broker.FindQueueAsync(policy))?.Ready == 1, "the broker's dead-letter exchange has it");
        Assert.Equal(1, Log.Count(65));
        await UntilQueueIsEmptyAsync();
        await Broker.DeleteQueueAsync(policy);
    }

    [Fact]
    public async Task The_request_queue_cannot_be_its_own_dead_letter_queue()
    {
        var invalid = await Assert.ThrowsAsync<ArgumentException>(() => ServeAsync(new Courier(), new RpcServerOptions(ServerOptions) { DeadLetterQueue = Queue }).OrFail());

        Assert.Contains("DeadLetterQueue", invalid.Message, StringComparison.Ordinal);
    }

    private async Task ServeDeadAsync(Courier courier, Action<RpcServerOptions>? configure = null)
    {
        var options = new RpcServerOptions(ServerOptions) { DeadLetterQueue = DeadLetters };
        configure?.Invoke(options);
        await ServeAsync(courier, options);
    }

    private async Task<Received> ReadAsync()
    {
        await using RawPeer reader = await RawPeer.ConnectAsync(Broker, serves: DeadLetters);
        return await reader.NextAsync();
    }

    private static string? Header(Received letter, string name) => letter.Headers![name] is byte[] bytes ? Encoding.UTF8.GetString(bytes) : (string?)letter.Headers[name];
}

public sealed class DeadLetterQueueTestsInMemory(MemoryBroker broker) : DeadLetterQueueTests(broker), IClassFixture<MemoryBroker>;

public sealed class DeadLetterQueueTestsOnRabbitMq(SharedRabbit broker) : DeadLetterQueueTests(broker);
