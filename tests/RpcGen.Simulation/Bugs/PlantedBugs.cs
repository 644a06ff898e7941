namespace RpcGen.Simulation.Bugs;

/// <summary>
/// The bugs that are planted. Those of the wire are what a broker or transport could do wrong; those of the runtime are
/// single lines that somebody could forget.
/// </summary>
internal static class PlantedBugs
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<PlantedBug> All =
    [
        new("acknowledge-on-arrival", 300),
        new("hide-redelivery", 300),
        new("lose-requests", 300),
        new("lose-replies", 300),
        new("lose-confirmed", 300),
        new("drop-returns", 300),
        new("deliver-twice", 300),
        new("forget-timers", 300),
        new("skip-generation-check", 300, static module => module.UseCurrentGeneration("PendingCall", "TryFinish")),
        new("forget-acknowledgements", 300, static module => module.Empty("DeliveryLedger", "OnTimer")),
        new("forget-waiting-calls", 300, static module => module.Empty("CallSender", "SendWaiting")),
        new("deaf-to-loss", 300, static module => module.Empty("CallSender", "OnLost")),
        new("ignore-deadlines", 300, static module => module.Empty("CallDeadline", "OnTimer")),
        new("keep-call-objects", 300, static module => module.Omit("CallSender", "AfterPublish", "Release")),
        new("start-no-next-call", 300, static module => module.Omit("CallScheduler", "End", "QueueWorker")),
        new("keep-last-replies", 300, static module => module.Omit("BatchReplies", "EndCall", "SendAsync")),
        new("run-redelivered", 300, static module => module.Omit("ServiceDispatcher", "CheckAndRunAsync", "get_IsRedelivered")),
        new("no-reopening", 300, static module => module.Omit("Supervisor`1", "KeepOpenAsync", "OpenAsync")),
    ];
}
