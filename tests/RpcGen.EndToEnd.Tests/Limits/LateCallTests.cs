using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Limits;

/// <summary>Calls whose time is over before they can start.</summary>
public abstract class LateCallTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task A_call_that_finds_no_place_in_time_is_dropped_and_logged()
    {
        var budget = TimeSpan.FromMilliseconds(300);
        var held = new Held();
        await ServeAsync(held.ActAsync, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 });
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        await peer.SendAsync(Queue, """[["a","Do",60000,{"text":"a"}],["late","Do",300,{"text":"b"}]]""", type: "$batch", correlationId: "b", expiration: 60_000);
        await held.Started.OrFail();

        await Task.Delay(2 * budget, Cancel); // the second call's time
        held.Release();

        Assert.Contains("[\"a\",\"released\"", (await peer.NextAsync()).Body, StringComparison.Ordinal);
        await Wait.UntilAsync(() => Log.Lines.Any(line => line.StartsWith("[72] Call late of queue", StringComparison.Ordinal)), "the call has its line in the log");
        await UntilQueueIsEmptyAsync();
        Assert.Equal((1, 0), (held.Runs, peer.ReceivedCount));
    }
}

public sealed class LateCallTestsInMemory(MemoryBroker broker) : LateCallTests(broker), IClassFixture<MemoryBroker>;

public sealed class LateCallTestsOnRabbitMq(SharedRabbit broker) : LateCallTests(broker);
