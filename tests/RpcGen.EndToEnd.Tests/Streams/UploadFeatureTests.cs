using System.Collections.Concurrent;
using System.Diagnostics;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interceptors;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>What calls have, calls that send streams have: interceptors, metadata, context, spans, the caller's context.</summary>
public sealed class UploadFeatureTests(MemoryBroker broker) : UploadTest(broker), IClassFixture<MemoryBroker>
{
    private static readonly AsyncLocal<string?> Ambient = new();

    [Fact]
    public async Task Interceptors_see_the_whole_call_on_both_sides()
    {
        var seen = new ConcurrentQueue<string>();
        await ServeAsync(
            async (name, parcels, token) =>
            {
                Receipt receipt = await CountAsync(name, parcels, token);
                seen.Enqueue("handled");
                return receipt;
            },
            connection: new RpcConnectionOptions { ServerInterceptors = { new Recorder(seen, "server", withValues: false) } });
        IIntake client = await CreateClientAsync(new RpcConnectionOptions { ClientInterceptors = { new Recorder(seen, "client", withValues: false) } });

        Assert.Equal(3, (await client.StoreAsync("x", ParcelsAsync(3, cancellationToken: Cancel), Cancel).OrFail()).Count);

        Assert.Equal(["client: Store", "server: Store", "handled", "server: Receipt", "client: Receipt"], seen);
    }

    [Fact]
    public async Task A_caller_whom_an_interceptor_refuses_gets_no_result()
    {
        int runs = 0;
        await ServeAsync(
            (name, _, _) =>
            {
                runs++;
                return Task.FromResult(new Receipt(0, name));
            },
            connection: new RpcConnectionOptions { ServerInterceptors = { new Refusal() } });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();

        var refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => client.StoreAsync("x", source, Cancel).OrFail());

        Assert.Contains("not you", refused.Message, StringComparison.Ordinal);
        Assert.Equal((0, source.Runs), (runs, source.Disposals));
    }

    [Fact]
    public async Task Metadata_and_context_are_those_of_the_call()
    {
        await ServeAsync(async (_, parcels, token) =>
        {
            await parcels.CountAsync(token);
            RpcCallContext context = RpcCallContext.Current!;
            context.ReplyMetadata["cost"] = "3";
            return new Receipt(0, $"{context.Metadata["tenant"]} {context.Method.Name}");
        });
        var reply = new RpcMetadata();
        IIntake client = (await CreateClientAsync()).With(new RpcCallOptions { Metadata = new RpcMetadata { ["tenant"] = "acme" }, ReplyMetadata = reply });

        Assert.Equal("acme Store", (await client.StoreAsync("x", ParcelsAsync(3, cancellationToken: Cancel), Cancel).OrFail()).Note);

        Assert.Equal("3", reply["cost"]);
    }

    [Fact]
    public async Task A_source_runs_in_the_context_of_its_caller()
    {
        await ServeAsync(async (_, parcels, token) => new Receipt(1, (await parcels.SingleAsync(token)).Text));
        IIntake client = await CreateClientAsync();
        await client.StoreAsync("first", new[] { new Parcel(0, "opens the connection") }.ToAsyncEnumerable(), Cancel).OrFail();

        Ambient.Value = "the caller's";

        Assert.Equal("the caller's", (await client.StoreAsync("x", Read(), Cancel).OrFail()).Note);

        static async IAsyncEnumerable<Parcel> Read()
        {
            await Task.Yield();
            yield return new Parcel(0, Ambient.Value ?? "none");
        }
    }

    [Fact]
    public async Task The_spans_of_a_call_belong_together_and_count_the_items()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RpcGen",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await ServeAsync(CountAsync);
        IIntake client = await CreateClientAsync();

        await client.StoreAsync("x", ParcelsAsync(3, cancellationToken: Cancel), Cancel).OrFail();

        await Wait.UntilAsync(() => Own().Length == 2, "both spans have ended");
        Activity made = Own().Single(span => span.Kind == ActivityKind.Client);
        Activity served = Own().Single(span => span.Kind == ActivityKind.Server);
        Assert.Equal(made.SpanId, served.ParentSpanId);
        Assert.Equal(3L, served.GetTagItem("rpcgen.stream.items"));

        Activity[] Own() => [.. spans.Where(span => span.DisplayName.EndsWith("Store", StringComparison.Ordinal))];
    }
}
