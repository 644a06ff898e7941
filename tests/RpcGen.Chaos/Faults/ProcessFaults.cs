using RpcGen.Chaos.Stage;

namespace RpcGen.Chaos.Faults;

/// <summary>What happens to one client or server, or to its way to the broker.</summary>
internal static class ProcessFaults
{
    private const int LongestDelay = 300;

    /// <summary>All of them.</summary>
    public static Fault[] Create(Worker worker, Random random) =>
    [
        Fault.Once($"{worker.Role} killed", worker.KillAsync),
        Fault.Once($"{worker.Role} restarted", worker.RestartAsync),
        new Fault($"{worker.Role} stopped", worker.FreezeAsync),
        OnTheWay($"{worker.Role} cut off", worker, worker.Proxy.Cut),
        OnTheWay($"{worker.Role} stalled", worker, worker.Proxy.Stall),
        OnTheWay($"{worker.Role} delayed", worker, () => worker.Proxy.Delay(random.Next(1, LongestDelay))),
        new Fault($"{worker.Role} stalled, then cut off", async over =>
        {
            worker.Proxy.Stall();
            await over;
            worker.Proxy.Cut();
            worker.Proxy.Restore();
        }),
    ];

    private static Fault OnTheWay(string name, Worker worker, Action happen) => Fault.For(
        name,
        () =>
        {
            happen();
            return Task.CompletedTask;
        },
        () =>
        {
            worker.Proxy.Restore();
            return Task.CompletedTask;
        });
}
