using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Context;

/// <summary>Metadata of requests, replies and faults.</summary>
public abstract class MetadataTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task The_handler_gets_the_callers_metadata()
    {
        await ServeAsync((_, _) => Task.FromResult(Describe(RpcCallContext.Current!.Metadata)));
        ITroublemaker client = await CreateClientAsync();

        ITroublemaker ofAcme = client.With(metadata: new() { ["tenant"] = "acme", ["note"] = "Grüße" });

        Assert.Equal("", await client.DoAsync("", Cancel));
        Assert.Equal("note=Grüße tenant=acme", await ofAcme.DoAsync("", Cancel));
        Assert.Equal("empty= note=Grüße tenant=other", await ofAcme.With(metadata: new() { ["tenant"] = "other", ["empty"] = "" }).DoAsync("", Cancel));
        Assert.Equal("note=Grüße tenant=acme", await ofAcme.With(timeout: TimeSpan.FromMinutes(1)).DoAsync("", Cancel));
    }

    [Fact]
    public async Task Later_changes_of_metadata_do_not_change_a_client()
    {
        await ServeAsync((_, _) => Task.FromResult(Describe(RpcCallContext.Current!.Metadata)));
        RpcMetadata metadata = new() { ["tenant"] = "acme" };
        ITroublemaker client = (await CreateClientAsync()).With(metadata: metadata);
        metadata["tenant"] = "other";

        Assert.Equal("tenant=acme", await client.DoAsync("", Cancel));
    }

    [Fact]
    public async Task The_caller_gets_the_handlers_metadata()
    {
        await ServeAsync((text, _) =>
        {
            if (text.Length > 0)
            {
                RpcCallContext.Current!.ReplyMetadata["cost"] = text;
            }

            return Task.FromResult(text);
        });
        ITroublemaker client = await CreateClientAsync();
        RpcMetadata reply = new() { ["old"] = "gone when the call starts" };

        await client.With(replyMetadata: reply).DoAsync("3", Cancel);
        Assert.Equal("cost=3", Describe(reply));
        await client.With(replyMetadata: reply).DoAsync("", Cancel);
        Assert.Empty(reply);
    }

    [Fact]
    public async Task Faults_carry_metadata()
    {
        await ServeAsync((_, _) =>
        {
            RpcCallContext.Current!.ReplyMetadata["retry-after"] = "5";
            throw new QuotaExceededException("enough", 1, []);
        });
        var reply = new RpcMetadata();
        ITroublemaker client = (await CreateClientAsync()).With(replyMetadata: reply);

        await Assert.ThrowsAsync<QuotaExceededException>(() => client.DoWithQuotaAsync("", Cancel));
        Assert.Equal("retry-after=5", Describe(reply));
        reply.Clear();
        await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("", Cancel));
        Assert.Equal("retry-after=5", Describe(reply));
    }

    [Fact]
    public async Task Metadata_of_the_maximum_size_arrives()
    {
        await ServeAsync((_, _) => Task.FromResult($"{RpcCallContext.Current!.Metadata["large"].Length}"));
        ITroublemaker client = await CreateClientAsync();
        string large = new('x', RpcMetadata.MaxBytes - "large".Length);

        Assert.Equal($"{large.Length}", await client.With(metadata: new() { ["large"] = large }).DoAsync("", Cancel));
    }

    [Fact]
    public async Task Metadata_belongs_to_one_call()
    {
        await ServeAsync((_, _) => Task.FromResult(Describe(RpcCallContext.Current!.Metadata)));
        ITroublemaker client = await CreateClientAsync();

        string[] seen = await Task.WhenAll(Enumerable.Range(0, 500).Select(i =>
            (i % 2 == 0 ? client : client.With(metadata: new() { ["i"] = $"{i}" })).DoAsync("", Cancel))).OrFail();

        Assert.Equal(Enumerable.Range(0, 500).Select(i => i % 2 == 0 ? "" : $"i={i}"), seen);
    }

    [Fact]
    public async Task Metadata_belongs_to_one_call_while_others_are_batched()
    {
        await ServeAsync((text, _) =>
        {
            if (RpcCallContext.Current!.Metadata.TryGetValue("i", out string? said))
            {
                RpcCallContext.Current.ReplyMetadata["i"] = said;
            }

            return Task.FromResult(text + said);
        });
        ITroublemaker client = await CreateClientAsync();
        await client.DoIdempotentlyAsync("the server tells that it understands batches", Cancel);
        RpcMetadata[] replies = [.. Enumerable.Range(0, 500).Select(_ => new RpcMetadata())];

        string[] results = await Task.WhenAll(replies.Select((reply, i) =>
            (i % 3 == 0 ? client.With(metadata: new() { ["i"] = $"{i}" }) : client).With(replyMetadata: reply).DoIdempotentlyAsync($"{i},", Cancel))).OrFail();

        Assert.Equal(Enumerable.Range(0, 500).Select(i => i % 3 == 0 ? $"{i},{i}" : $"{i},"), results);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => i % 3 == 0 ? $"i={i}" : ""), replies.Select(reply => Describe(reply)));
    }

    [Fact]
    public async Task A_handler_of_a_batched_call_can_send_reply_metadata()
    {
        await ServeAsync((text, _) =>
        {
            RpcCallContext.Current!.ReplyMetadata["echo"] = text;
            return Task.FromResult(text);
        });
        ITroublemaker client = await CreateClientAsync();
        RpcMetadata[] replies = [.. Enumerable.Range(0, 300).Select(_ => new RpcMetadata())];

        await Task.WhenAll(replies.Select((reply, i) => client.With(replyMetadata: reply).DoIdempotentlyAsync($"{i}", Cancel))).OrFail();
        await Task.WhenAll(replies.Select((reply, i) => client.With(replyMetadata: reply).DoIdempotentlyAsync($"{i}", Cancel))).OrFail();

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"echo={i}"), replies.Select(reply => Describe(reply)));
    }

    private static string Describe(IReadOnlyDictionary<string, string> metadata) =>
        string.Join(' ', metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"));
}

public sealed class MetadataTestsInMemory(MemoryBroker broker) : MetadataTests(broker), IClassFixture<MemoryBroker>;

public sealed class MetadataTestsOnRabbitMq(SharedRabbit broker) : MetadataTests(broker);
