using System.Text.Json;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>Calls are told as they end.</summary>
public abstract class WatchTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task Calls_of_every_kind_are_told_as_they_end()
    {
        await ServeAsync();
        RpcConnection connection = await ConnectAsync();
        ICourier client = connection.CreateClient<ICourier>(ClientOptions);
        await using RpcCallWatch watch = await connection.WatchAsync(Queue, cancellationToken: Cancel).OrFail();
        await using IAsyncEnumerator<RpcCallEvent> events = watch.ReadAllAsync(Cancel).GetAsyncEnumerator(Cancel);
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await client.AskAsync("good", Cancel).OrFail();
        RpcCallEvent good = await NextAsync(events);
        string failed = (await Assert.ThrowsAsync<RpcRemoteException>(() => client.AskAsync("bad", Cancel).OrFail())).CallId!;
        RpcCallEvent bad = await NextAsync(events);
        await client.SendAsync("one-way", Cancel).OrFail();
        RpcCallEvent sent = await NextAsync(events);
        await peer.SendAsync(Queue, "{", type: "Ask", correlationId: "by-hand");
        RpcCallEvent refused = await NextAsync(events);

        Assert.Equal(("Ask", RpcCallOutcome.Answered, null, false), (good.Method, good.Outcome, good.FaultCode, good.IsRedelivered));
        Assert.NotNull(good.Duration);
        Assert.Equal(("Ask", RpcCallOutcome.Faulted, "internal", failed), (bad.Method, bad.Outcome, bad.FaultCode, bad.CallId));
        Assert.Equal(("Send", RpcCallOutcome.Answered), (sent.Method, sent.Outcome));
        Assert.Equal(("Ask", RpcCallOutcome.Refused, "protocol", "by-hand", null), (refused.Method, refused.Outcome, refused.FaultCode, refused.CallId, refused.Duration));
        RpcServiceInstance instance = (await connection.PingAsync(Queue, Cancel).OrFail()).Service;
        Assert.Equivalent(instance, good.Service);
        Assert.Equivalent(instance, Assert.Single(watch.Instances));
        Assert.Equal(0, watch.Omitted);
    }

    [Fact]
    public async Task All_services_can_be_watched_at_once()
    {
        await ServeAsync();
        string other = Queue + ".other";
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { Queue = other }, Cancel);
        RpcConnection connection = await ConnectAsync();
        await using RpcCallWatch watch = await connection.WatchAsync(cancellationToken: Cancel).OrFail();

        await connection.CreateClient<ICourier>(ClientOptions).AskAsync("good", Cancel).OrFail();
        await connection.CreateClient<ICalculator>(new RpcClientOptions { Queue = other }).AddAsync(2, 3, Cancel).OrFail();

        var seen = new HashSet<(string, string)>(); // on a shared broker, services of other tests are seen too
        await using IAsyncEnumerator<RpcCallEvent> events = watch.ReadAllAsync(Cancel).GetAsyncEnumerator(Cancel);
        while (!seen.IsSupersetOf([(Queue, "Ask"), (other, "Add")]))
        {
            RpcCallEvent ended = await NextAsync(events);
            seen.Add((ended.Service.Queue, ended.Method));
        }

        await Broker.DeleteQueueAsync(other);
    }

    [Fact]
    public async Task Only_what_the_filter_covers_is_told()
    {
        await ServeAsync();
        RpcConnection connection = await ConnectAsync();
        ICourier client = connection.CreateClient<ICourier>(ClientOptions);
        await using RpcCallWatch watch = await connection.WatchAsync(Queue, new RpcWatchFilter { Method = "Ask", OnlyFailures = true }, Cancel).OrFail();

        await client.AskAsync("good", Cancel).OrFail();
        await client.SendAsync("good", Cancel).OrFail();
        await Assert.ThrowsAsync<RpcRemoteException>(() => client.AskAsync("bad", Cancel).OrFail());

        await using IAsyncEnumerator<RpcCallEvent> events = watch.ReadAllAsync(Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(("Ask", RpcCallOutcome.Faulted), ((await NextAsync(events)).Method, events.Current.Outcome));
    }

    [Fact]
    public async Task Every_call_is_told_or_counted()
    {
        const int Calls = 1_500;
        await (await ConnectAsync()).ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        RpcConnection connection = await ConnectAsync();
        ITroublemaker client = connection.CreateClient<ITroublemaker>(ClientOptions);
        await using RpcCallWatch watch = await connection.WatchAsync(Queue, cancellationToken: Cancel).OrFail();

        await Task.WhenAll(Enumerable.Range(0, Calls).Select(i => client.DoIdempotentlyAsync($"{i}", Cancel))).OrFail();

        var ids = new HashSet<string>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task reading = Task.Run(
            async () =>
            {
                await foreach (RpcCallEvent ended in watch.ReadAllAsync(enough.Token))
                {
                    Assert.True(ids.Add(ended.CallId!));
                    Volatile.Write(ref _told, ids.Count);
                }
            },
            Cancel);
        await Wait.UntilAsync(() => Volatile.Read(ref _told) + watch.Omitted == Calls, "all are told or counted");
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.OrFail());
    }

    private int _told;

    [Fact]
    public async Task A_watch_ends_with_its_connection_or_when_it_is_disposed()
    {
        await ServeAsync();
        RpcConnection connection = await ConnectAsync();
        RpcCallWatch disposed = await connection.WatchAsync(Queue, cancellationToken: Cancel).OrFail();
        await using RpcCallWatch lost = await connection.WatchAsync(Queue, cancellationToken: Cancel).OrFail();
        await using IAsyncEnumerator<RpcCallEvent> ofDisposed = disposed.ReadAllAsync(Cancel).GetAsyncEnumerator(Cancel);
        await using IAsyncEnumerator<RpcCallEvent> ofLost = lost.ReadAllAsync(Cancel).GetAsyncEnumerator(Cancel);

        await disposed.DisposeAsync();
        Assert.False(await ofDisposed.MoveNextAsync().AsTask().OrFail());
        await connection.DisposeAsync();

        await Assert.ThrowsAsync<RpcConnectionException>(() => ofLost.MoveNextAsync().AsTask().OrFail());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => connection.WatchAsync(Queue, cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_policy_that_refuses_the_description_refuses_the_watch()
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { DescriptionPolicy = "" }, Cancel);
        RpcConnection connection = await ConnectAsync();

        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => connection.WatchAsync(Queue, cancellationToken: Cancel).OrFail());

        Assert.Contains("DescriptionPolicy", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_watches_by_hand_follows_the_protocol()
    {
        await ServeAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        await peer.Channel.PublishAsync(
            new Transport.OutgoingMessage
            {
                Exchange = Queue + ".cancel",
                RoutingKey = "",
                Type = "$watch",
                CorrelationId = new Transport.CorrelationId("w"),
                ReplyTo = peer.Queue,
                Expiration = 30_000,
                Body = """{"failures":true}"""u8.ToArray(),
            },
            Cancel);

        Received first = await peer.NextAsync();
        Assert.Equal((null, "w", Queue), (first.Type, first.CorrelationId, JsonElement.Parse(first.Body).GetProperty("queue").GetString()));
        await peer.SendAsync(Queue, "{}", type: "Nope", correlationId: "c");
        Assert.Equal(("fault", "c"), ((await peer.NextAsync()) is { } fault ? (fault.Type, fault.CorrelationId) : default));
        Received told = await peer.NextAsync();
        Assert.Equal(("events", "w", "application/json"), (told.Type, told.CorrelationId, told.ContentType));
        Assert.Equal("unknown-method", Assert.Single(JsonElement.Parse(told.Body).GetProperty("events").EnumerateArray()).GetProperty("code").GetString());
    }

    private async Task ServeAsync() => await (await ConnectAsync()).ServeAsync<ICourier>(
        new Courier((text, _) => text == "bad" ? throw new InvalidOperationException("secret") : Task.FromResult(text)), ServerOptions, Cancel);

    private static async Task<RpcCallEvent> NextAsync(IAsyncEnumerator<RpcCallEvent> events) => await events.MoveNextAsync().AsTask().OrFail() ? events.Current : throw new InvalidOperationException("The watch has ended.");
}

public sealed class WatchTestsInMemory(MemoryBroker broker) : WatchTests(broker), IClassFixture<MemoryBroker>;

public sealed class WatchTestsOnRabbitMq(SharedRabbit broker) : WatchTests(broker);
