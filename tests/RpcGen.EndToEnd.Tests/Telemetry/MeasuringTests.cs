using OpenTelemetry.Metrics;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>Metrics.</summary>
public abstract class MeasuringTests(ITestBroker broker) : FailureTest(broker)
{
    private static readonly (string, object) System = ("rpc.system.name", "rpcgen");
    private static readonly (string, object) Do = ("rpc.method", "RpcGen.EndToEnd.Tests.Contracts.Troublemaker/Do");
    private static readonly (string, object) DoWithQuota = ("rpc.method", "RpcGen.EndToEnd.Tests.Contracts.Troublemaker/DoWithQuota");

    protected IBreakableBroker Breakable => (IBreakableBroker)Broker;

    [Fact]
    public async Task Durations_are_measured_on_both_sides()
    {
        await ServeAsync((text, _) => text switch
        {
            "" => Task.FromResult(""),
            "quota" => throw new QuotaExceededException("Enough.", 1, []),
            _ => throw new InvalidOperationException(text),
        });
        ITroublemaker client = await CreateClientAsync();
        using var measurements = new Measurements();

        await client.DoAsync("", Cancel);
        await client.DoAsync("", Cancel);
        await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("internal", Cancel));
        await Assert.ThrowsAsync<QuotaExceededException>(() => client.DoWithQuotaAsync("quota", Cancel));

        await Wait.UntilAsync(() => Count(measurements, "rpc.server.call.duration", System, DoWithQuota, ("rpc.status_code", "quota")) == 1, "the server has measured");
        foreach (string instrument in new[] { "rpc.client.call.duration", "rpc.server.call.duration" })
        {
            bool isClient = instrument.StartsWith("rpc.client", StringComparison.Ordinal);
            List<MetricPoint> points = measurements.Points(instrument, System, Do);
            MetricPoint good = Assert.Single(points, point => !Measurements.Tags(point).Exists(tag => tag.Name == "rpc.status_code"));
            Assert.Equal(2, good.GetHistogramCount());
            Assert.InRange(good.GetHistogramSum(), double.Epsilon, 120);
            Assert.Equal(isClient, Measurements.Tags(good).Contains(("server.address", Queue)));
            Assert.Equal(1, Count(measurements, instrument, System, Do, ("rpc.status_code", "internal"), ("error.type", "internal")));
            MetricPoint declared = Assert.Single(measurements.Points(instrument, System, DoWithQuota, ("rpc.status_code", "quota")));
            Assert.Equal(isClient, Measurements.Tags(declared).Contains(("error.type", "quota")));
            var bounds = new List<double>();
            foreach (HistogramBucket bucket in good.GetHistogramBuckets())
            {
                bounds.Add(bucket.ExplicitBound);
            }

            Assert.Equal([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, double.PositiveInfinity], bounds);
        }
    }

    [Fact]
    public async Task Active_calls_are_counted_including_earlier_ones()
    {
        var held = new Held();
        RpcServer server = await ServeAsync(held.ActAsync, new RpcServerOptions { MaxConcurrentCalls = 1 });
        ITroublemaker client = await CreateClientAsync();
        Task<string> running = client.DoAsync("", Cancel);
        await held.Started.OrFail();
        using var measurements = new Measurements();

        Assert.Equal(1, measurements.Sum("rpcgen.server.call.active", ("messaging.destination.name", Queue)));
        Assert.Equal(0, measurements.Sum("rpcgen.server.call.queued", ("messaging.destination.name", Queue)));
        Assert.Equal(1, measurements.Sum("rpcgen.client.call.active"));
        Assert.Equal(0, measurements.Sum("rpcgen.client.call.queued"));
        Task<string> waiting = Task.FromResult("");
        if (Broker is MemoryBroker)
        {
            await Breakable.BlockAsync(); // RabbitMQ reports the alarm only after the call is sent
            waiting = client.DoAsync("", Cancel);
            Assert.Equal(1, measurements.Sum("rpcgen.client.call.queued"));
            Assert.Equal(2, measurements.Sum("rpcgen.client.call.active"));
            await Breakable.UnblockAsync();
        }

        held.Release();
        await Task.WhenAll(running, waiting).OrFail();
        Assert.Equal(0, measurements.Sum("rpcgen.client.call.active"));
        await server.StopAsync(Cancel);
        Assert.Empty(measurements.Points("rpcgen.server.call.active", ("messaging.destination.name", Queue)));
    }

    [Fact]
    public async Task Returned_resent_late_and_refused_are_counted()
    {
        using var measurements = new Measurements();
        ITroublemaker client = await CreateClientAsync();
        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.DoAsync("", Cancel));
        Assert.Equal(1, measurements.Sum("rpcgen.client.call.returned"));

        var held = new Held();
        await ServeAsync(held.ActAsync);
        Task<string> resent = client.DoIdempotentlyAsync("", Cancel);
        await held.Started.OrFail();
        await Breakable.CloseConnectionsAsync();
        await Wait.UntilAsync(() => measurements.Sum("rpcgen.client.call.resent") == 1, "the call is sent again");
        held.Release();
        await resent.OrFail();

        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        await peer.SendAsync(Queue, "[]");
        Assert.Equal("protocol", (await peer.NextAsync()).FaultCode);
        Assert.Equal(1, measurements.Sum("rpcgen.server.request.refused", ("rpc.status_code", "protocol")));
        await peer.SendAsync(Queue, "{}", replyTo: null);
        await Wait.UntilAsync(() => measurements.Sum("rpcgen.server.request.dropped", ("rpcgen.reason", "unanswerable")) == 1, "a request is dropped");
        await peer.SendAsync(Queue, """[["x","Do",0,{"text":""}]]""", type: "$batch", expiration: 60_000); // no time is left
        await Wait.UntilAsync(() => measurements.Sum("rpcgen.server.request.dropped", ("rpcgen.reason", "late")) == 1, "a late request is dropped");
    }

    [Fact]
    public async Task Late_replies_are_distinguished_from_unknown_ones()
    {
        using var measurements = new Measurements();
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        Task<string> call = client.DoAsync("", Cancel);
        Received request = await server.NextAsync();

        await ReplyAsync(request.CorrelationId);
        await call.OrFail();
        await ReplyAsync(request.CorrelationId);
        await ReplyAsync("nobody's");

        await Wait.UntilAsync(() => measurements.Sum("rpcgen.client.reply.dropped", ("rpcgen.reason", "unknown")) == 1, "the second is dropped");
        Assert.Equal(1, measurements.Sum("rpcgen.client.reply.dropped", ("rpcgen.reason", "late")));

        ValueTask ReplyAsync(string? correlationId) => server.SendAsync(request.ReplyTo!, "\"\"", type: null, correlationId: correlationId, replyTo: null);
    }

    private static long Count(Measurements measurements, string instrument, params (string, object)[] tags) =>
        measurements.Points(instrument, tags).Sum(point => point.GetHistogramCount());
}

[Collection(ListensToAll.Name)]
public sealed class MeasuringTestsInMemory(MemoryBroker broker) : MeasuringTests(broker), IClassFixture<MemoryBroker>;

[Collection(ListensToAll.Name)]
public sealed class MeasuringTestsOnRabbitMq(PrivateRabbit broker) : MeasuringTests(broker), IClassFixture<PrivateRabbit>;
