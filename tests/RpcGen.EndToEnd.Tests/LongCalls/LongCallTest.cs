using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.LongCalls;

/// <summary>The base of tests of long calls. Peers beat ten times a second: one that is silent for 300 ms is lost.</summary>
public abstract class LongCallTest(ITestBroker broker) : FailureTest(broker)
{
    /// <summary>Peers beat often.</summary>
    protected static RpcConnectionOptions Beats => new() { PeerHeartbeat = TimeSpan.FromMilliseconds(100) };

    /// <summary>Calls become long soon.</summary>
    protected RpcServerOptions SoonLong => new(ServerOptions) { LongCallAfter = TimeSpan.FromMilliseconds(100) };

    /// <summary>Serves on a connection of its own.</summary>
    protected async Task<(RpcServer Server, RpcConnection Connection)> ServeErrandsAsync(Func<string, CancellationToken, Task<string>> act, RpcServerOptions? options = null, RpcConnectionOptions? connection = null)
    {
        RpcConnection serving = await ConnectAsync(connection ?? Beats);
        return (await serving.ServeAsync<IErrands>(new Errands(act), new RpcServerOptions(options ?? ServerOptions) { Queue = Queue }, Cancel), serving);
    }

    /// <summary>A client on a connection of its own.</summary>
    protected async Task<(IErrands Client, RpcConnection Connection)> CreateErrandsAsync(RpcConnectionOptions? connection = null)
    {
        RpcConnection calling = await ConnectAsync(connection ?? Beats);
        return (calling.CreateClient<IErrands>(ClientOptions), calling);
    }

    /// <summary>Waits until the request of a running call is acknowledged.</summary>
    protected async Task UntilTakenOverAsync(Held held)
    {
        await held.Started.OrFail();
        await Wait.UntilAsync(() => Log.Count(66) > 0, "the call is taken over");
        await UntilQueueIsEmptyAsync();
    }

    /// <summary>Waits until nothing of long calls is left on a connection.</summary>
    internal static Task UntilForgottenAsync(params RpcConnection[] connections) => Wait.UntilAsync(
        () => connections.All(connection => connection.Streams.LongCalls is { IsAny: false, Awaited.Count: 0, Served.Count: 0 }), "nothing of the calls is left");
}
