using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Context;

/// <summary>What travels beside arguments and results.</summary>
public abstract class MetadataTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task Handlers_see_what_the_caller_says()
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
    public async Task What_is_said_later_does_not_change_a_client()
    {
        await ServeAsync((_, _) => Task.FromResult(Describe(RpcCallContext.Current!.Metadata)));
        RpcMetadata metadata = new() { ["tenant"] = "acme" };
        ITroublemaker client = (await CreateClientAsync()).With(metadata: metadata);
        metadata["tenant"] = "other";

        Assert.Equal("tenant=acme", await client.DoAsync("", Cancel));
    }

    [Fact]
    public async Task Callers_see_what_the_handler_says()
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
    public async Task Faults_carry_metadata_too()
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
    public async Task As_much_as_is_allowed_arrives()
    {
        await ServeAsync((_, _) => Task.FromResult($"{RpcCallContext.Current!.Metadata["large"].Length}"));
        ITroublemaker client = await CreateClientAsync();
        string large = new('x', RpcMetadata.MaxBytes - "large".Length);

        Assert.Equal($"{large.Length}", await client.With(metadata: new() { ["large"] = large }).DoAsync("", Cancel));
    }

    [Fact]
    public async Task Metadata_goes_with_its_call_and_with_no_other()
    {
        await ServeAsync((_, _) => Task.FromResult(Describe(RpcCallContext.Current!.Metadata)));
        ITroublemaker client = await CreateClientAsync();

        string[] seen = await Task.WhenAll(Enumerable.Range(0, 500).Select(i =>
            (i % 2 == 0 ? client : client.With(metadata: new() { ["i"] = $"{i}" })).DoAsync("", Cancel))).OrFail();

        Assert.Equal(Enumerable.Range(0, 500).Select(i => i % 2 == 0 ? "" : $"i={i}"), seen);
    }

    private static string Describe(IReadOnlyDictionary<string, string> metadata) =>
        string.Join(' ', metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"));
}

public sealed class MetadataTestsInMemory(MemoryBroker broker) : MetadataTests(broker), IClassFixture<MemoryBroker>;

public sealed class MetadataTestsOnRabbitMq(SharedRabbit broker) : MetadataTests(broker);
