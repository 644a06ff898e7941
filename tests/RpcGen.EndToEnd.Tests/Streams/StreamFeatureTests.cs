using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interceptors;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>What calls have, streams have: interceptors, metadata, context, scopes, spans.</summary>
public sealed class StreamFeatureTests(MemoryBroker broker) : StreamTest(broker), IClassFixture<MemoryBroker>
{
    [Fact]
    public async Task Interceptors_see_the_opening_on_both_sides()
    {
        var seen = new ConcurrentQueue<string>();
        await ServeAsync((_, token) => ItemsAsync(3, token), connection: new RpcConnectionOptions { ServerInterceptors = { new Recorder(seen, "server", withValues: false) } });
        IFeed client = await CreateClientAsync(new RpcConnectionOptions { ClientInterceptors = { new Recorder(seen, "client", withValues: false) } });

        Assert.Equal(3, (await client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail()).Count);

        // The server answers before its call ends, so that the last two can come in any order.
        Assert.Equal(["client: Read", "server: Read"], seen.Take(2));
        Assert.Equal(["client: IAsyncEnumerable`1", "server: IAsyncEnumerable`1"], seen.Skip(2).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_caller_whom_an_interceptor_refuses_gets_no_stream()
    {
        var source = new Source();
        await ServeAsync(source.ReadAsync, connection: new RpcConnectionOptions { ServerInterceptors = { new Refusal() } });
        IFeed client = await CreateClientAsync();

        var refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail());

        Assert.Contains("not you", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, source.Runs);
    }

    [Fact]
    public async Task Metadata_goes_both_ways()
    {
        await ServeAsync((_, _) => Read());
        var reply = new RpcMetadata();
        IFeed client = (await CreateClientAsync()).With(new RpcCallOptions { Metadata = new RpcMetadata { ["tenant"] = "acme" }, ReplyMetadata = reply });

        Assert.Equal(["acme"], (await client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail()).Select(item => item.Text));

        Assert.Equal("3", reply["cost"]);

        static async IAsyncEnumerable<FeedItem> Read()
        {
            yield return new FeedItem(1, RpcCallContext.Current!.Metadata["tenant"]);
            await Task.Yield();
            RpcCallContext.Current!.ReplyMetadata["cost"] = "3";
        }
    }

    [Fact]
    public async Task The_context_is_that_of_the_call_during_every_read_and_ends_with_the_stream()
    {
        var source = new Source();
        source.Write(1, 2, 3);
        source.End();
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();

        await client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail();

        Assert.Equal(3, source.Contexts.Count);
        RpcCallContext context = Assert.IsType<RpcCallContext>(Assert.Single(source.Contexts.Distinct()));
        Assert.Equal(("Read", true), (context.Method.Name, context.Method.IsStream));
    }

    [Fact]
    public async Task The_scope_of_a_service_lives_until_its_stream_has_ended()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddScoped<Scoped>();
        builder.Services.AddRpcGen(options => options.ConnectionString = Broker.Url).AddService<IFeed, ScopedFeed>(options => options.Queue = Queue);
        using IHost host = builder.Build();
        await host.StartAsync(Cancel);
        IFeed client = await CreateClientAsync();

        List<FeedItem> items = await client.ReadAsync("x", Cancel).ToListAsync(Cancel).AsTask().OrFail();

        Assert.Equal(["False", "False"], items.Select(item => item.Text));
        await Wait.UntilAsync(() => Scoped.Last is { IsDisposed: true }, "the scope is disposed");
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task The_spans_of_a_stream_belong_together_and_last_until_its_end()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RpcGen",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var source = new Source();
        await ServeAsync(source.ReadAsync);
        IFeed client = await CreateClientAsync();
        await using IAsyncEnumerator<FeedItem> items = client.ReadAsync("x", Cancel).GetAsyncEnumerator(Cancel);
        source.Write(1, 2);
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.Empty(Own());

        source.End();
        Assert.True(await items.MoveNextAsync().AsTask().OrFail());
        Assert.False(await items.MoveNextAsync().AsTask().OrFail());

        await Wait.UntilAsync(() => Own().Length == 2, "both spans have ended");
        Activity made = Own().Single(span => span.Kind == ActivityKind.Client);
        Activity served = Own().Single(span => span.Kind == ActivityKind.Server);
        Assert.Equal(made.SpanId, served.ParentSpanId);
        Assert.Equal(2L, served.GetTagItem("rpcgen.stream.items"));
        Assert.Equal(0.0, served.GetTagItem("rpcgen.stream.stalled"));

        Activity[] Own() => [.. spans.Where(span => span.DisplayName.EndsWith("/Read", StringComparison.Ordinal) || span.DisplayName.EndsWith("Read", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task The_span_tells_how_long_the_source_has_waited_for_the_consumer()
    {
        var stalled = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RpcGen",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span => _ = span.Kind == ActivityKind.Server && span.DisplayName.EndsWith("ReadOnDemand", StringComparison.Ordinal) && stalled.TrySetResult(span.GetTagItem("rpcgen.stream.stalled")),
        };
        ActivitySource.AddActivityListener(listener);
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        await ServeAsync((_, token) => ItemsAsync(30, token), connection: new RpcConnectionOptions { TimeProvider = clock, PeerHeartbeat = TimeSpan.FromMinutes(1) });
        IFeed client = await CreateClientAsync();

        await foreach (FeedItem _ in client.ReadOnDemandAsync("x", Cancel))
        {
            clock.Advance(TimeSpan.FromSeconds(1)); // the source is one item ahead, and waits
        }

        Assert.InRange(Assert.IsType<double>(await stalled.Task.OrFail()), 1, 30);
    }

    private sealed class Scoped : IDisposable
    {
        public Scoped() => Last = this;

        public static Scoped? Last { get; private set; }

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private sealed class ScopedFeed(Scoped scoped) : IFeed
    {
        public async IAsyncEnumerable<FeedItem> ReadAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new FeedItem(1, scoped.IsDisposed.ToString());
            await Task.Delay(50, cancellationToken);
            yield return new FeedItem(2, scoped.IsDisposed.ToString());
        }

        public IAsyncEnumerable<FeedItem> ReadIdempotentlyAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<FeedItem> ReadOnceAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<FeedItem> ReadOnDemandAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<FeedItem> ReadNarrowlyAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<FeedItem> ReadImpatientlyAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<FeedItem> ReadBrieflyAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public IAsyncEnumerable<int> CountAsync() => throw new NotSupportedException();

        public Task<string> EchoAsync(string text, CancellationToken cancellationToken) => Task.FromResult(text);
    }
}
