using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>Servers answer questions about themselves although calls hang in every place.</summary>
public abstract class SaturatedServerTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task Questions_are_answered_although_every_place_is_taken()
    {
        const int places = 64;
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync();
        RpcConnection asking = await ConnectAsync();
        Task<string>[] hanging = [.. Enumerable.Range(0, places + 10).Select(_ => client.DoAsync("x", Cancel))];
        await Wait.UntilAsync(() => held.Runs == places, "every place is taken");

        RpcPing ping = await asking.PingAsync(Queue, Cancel).OrFail();
        RpcServiceDescription description = await asking.DescribeAsync(Queue, Cancel).OrFail();

        Assert.Equal(Environment.ProcessId, ping.Service.Instance.ProcessId);
        Assert.Equal(ping.Service.Instance.Id, description.Service.Instance.Id);
        RpcServiceStatistics statistics = Assert.Single(await asking.GetStatisticsAsync(Queue, Cancel).ToListAsync(Cancel).AsTask().OrFail());
        Assert.Equal((places, places, ping.Service.Instance.Id), (statistics.Running, statistics.Places, statistics.Service.Instance.Id));
        Assert.Equal(places, statistics.Methods.Sum(method => method.InFlight));
        Assert.DoesNotContain(hanging, call => call.IsCompleted);
        held.Release();
        await Task.WhenAll(hanging).OrFail();
    }

    [Fact]
    public async Task A_question_by_hand_reaches_every_instance()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync, new RpcServerOptions { MaxConcurrentCalls = 1 });
        await ServeAsync(held.ActAsync, new RpcServerOptions { MaxConcurrentCalls = 1 });
        ITroublemaker client = await CreateClientAsync();
        Task<string>[] hanging = [client.DoAsync("x", Cancel), client.DoAsync("x", Cancel)];
        await Wait.UntilAsync(() => held.Runs == 2, "both run a call");
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);

        await peer.AskInstancesAsync(Queue, "$ping");
        Received first = await peer.NextAsync(), second = await peer.NextAsync();

        Assert.Equal((null, null, "1"), (first.Type, second.Type, first.CorrelationId));
        Assert.NotEqual(first.Body, second.Body);
        held.Release();
        await Task.WhenAll(hanging).OrFail();
    }
}

public sealed class SaturatedServerTestsInMemory(MemoryBroker broker) : SaturatedServerTests(broker), IClassFixture<MemoryBroker>;

public sealed class SaturatedServerTestsOnRabbitMq(SharedRabbit broker) : SaturatedServerTests(broker);
