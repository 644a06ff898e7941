using RpcGen.Chaos.History;
using RpcGen.Chaos.Stage;
using RpcGen.Chaos.Workers;

namespace RpcGen.Chaos.Faults;

/// <summary>What happens to the broker, one at a time: it answers no questions while some of these last.</summary>
internal static class BrokerFaults
{
    /// <summary>All of them.</summary>
    public static Fault[] Create(Broker broker, Interruptions interruptions) =>
    [
        Fault.For("broker stopped", () => StopAsync(broker, interruptions), broker.StartAsync),
        Fault.For("broker killed", () => LoseAsync(broker.KillAsync, interruptions.BrokerLosses), broker.StartAsync),
        Fault.For("broker paused", broker.PauseAsync, broker.ResumeAsync),
        Fault.For("memory alarm", () => broker.EvalAsync("rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []})."), () => broker.EvalAsync("rabbit_alarm:clear_alarm({resource_limit, memory, node()}).")),
        Fault.Once("connections closed", () => LoseAsync(() => broker.EvalAsync("rabbit_networking:close_all_connections(\"closed by the test\")."), interruptions.ConnectionLosses)),
        Fault.Once("connections killed", () => LoseAsync(() => broker.EvalAsync("[exit(P, kill) || P <- rabbit_networking:connections()]."), interruptions.ConnectionLosses)),
        Fault.Once("channels closed", () => broker.EvalAsync(
            "[gen_server2:cast(C, {method, {'queue.declare', 0, <<\"no such queue\">>, true, false, false, false, false, []}, none, noflow}) || C <- rabbit_channel:list()].")),
        Fault.Once("queue deleted", () => LoseAsync(
            () => broker.EvalAsync(
                $"case rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{WorkerProcess.Queue}\">>)) of {{ok, Q}} -> (catch rabbit_amqqueue:delete(Q, false, false, <<\"chaos\">>)); _ -> none end."),
            interruptions.QueueLosses)),
        Fault.For(
            "permissions taken",
            () =>
            {
                interruptions.HasTakenPermissions = true;
                return broker.SetPermissionsAsync("^$");
            },
            () => broker.SetPermissionsAsync(".*")),
    ];

    private static Task StopAsync(Broker broker, Interruptions interruptions)
    {
        interruptions.HasLostRedeliveryMarks |= broker.Version < new Version(4, 0);
        return LoseAsync(broker.StopAsync, interruptions.BrokerLosses);
    }

    /// <summary>Messages are lost that were sent before the fault, or while it happens.</summary>
    private static async Task LoseAsync(Func<Task> happenAsync, List<TimeSpan> losses)
    {
        await happenAsync();
        losses.Add(HistoryWriter.Now);
    }
}
