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
        new("acknowledge-on-arrival", 1_000),
        new("hide-redelivery", 300),
        new("trust-missing-marks", 2_000) { First = 600 },
        new("lose-requests", 300),
        new("lose-replies", 300),
        new("lose-confirmed", 300),
        new("drop-returns", 300),
        new("deliver-twice", 300),
        new("forget-timers", 300),
        new("skip-generation-check", 300, static module => module.UseCurrentGeneration("PendingMessage", "TryComplete")),
        new("forget-acknowledgements", 300, static module => module.Empty("AckTracker", "OnTimer")),
        new("forget-waiting-calls", 300, static module => module.Empty("CallSender", "SendWaiting")),
        new("deaf-to-loss", 300, static module => module.Empty("CallEventHandler", "OnLinkLost")),
        new("ignore-deadlines", 300, static module => module.Empty("DeadlineTimer", "OnTimer")),
        new("ignore-cancels", 1_500, static module => module.Empty("CancelledCalls", "Add")),
        new("keep-call-objects", 300, static module => module.Omit("RequestPublisher", "AfterPublish", "Unpin")),
        new("start-no-next-call", 300, static module => module.Omit("CallScheduler", "End", "QueueWorkerIfNeeded")),
        new("keep-last-replies", 3_000, static module => module.Omit("BatchReplies", "EndCall", "SendAsync")),
        new("run-redelivered", 1_000, static module => module.Omit("ServiceDispatcher", "CheckAndRunAsync", "get_IsRedelivered")),
        new("send-nothing-back", 300, static module => module.Omit("SendBackPolicy", "Covers", "get_IsRedelivered")),
        new("lose-items", 300),
        new("lose-grants", 300),
        new("overrun-grants", 300, static module => module.Return("SenderState", "get_HasCredit", value: true)),
        new("keep-enumerators", 300, static module => module.Omit("StreamPump`1", "DisposeAsync", "DisposeAsync")),
        new("keep-windows", 300, static module => module.Empty("StreamBudget", "Return")),
        new("deaf-to-stream-cancels", 300, static module => module.Empty("ServedCall", "Cancel")),
        new("answer-adopted-calls-elsewhere", 300, static module => module.Omit("ServerCall", "BeginAnswer", "CompareExchange")),
        new("lose-long-calls-with-callbacks", 1_000, static module => module.Return("LongCallEvents", "Survives", value: false)),
        new("schedule-without-lock", 300, static module => module.Unlock("CallScheduler")) { FoundBy = FoundBy.Preemption },
        new("acknowledge-without-lock", 1_000, static module => module.Unlock("AckTracker")) { FoundBy = FoundBy.Preemption },
        new("end-calls-twice", 2_000, static module => module.Tear("PendingMessage", "TryComplete")) { FoundBy = FoundBy.Models, Model = "endings" },
        new("end-the-next-use", 2_000, static module => module.UseCurrentGeneration("PendingMessage", "TryComplete")) { FoundBy = FoundBy.Models, Model = "endings" },
        new("forget-removals", 2_000, static module => module.Empty("RunningCalls", "Unlink")) { FoundBy = FoundBy.Models, Model = "cancel" },
        new("free-slots-without-lock", 2_000, static module => module.Unlock("SlotTable`1")) { FoundBy = FoundBy.Models, Model = "slots" },
        new("gather-without-lock", 2_000, static module => module.Unlock("FrameGatherer")) { FoundBy = FoundBy.Models, Model = "frames" },
        new("reply-without-lock", 2_000, static module => module.Unlock("BatchReplies")) { FoundBy = FoundBy.Models, Model = "replies" },
        new("batch-without-lock", 2_000, static module => module.Unlock("RequestBatcher")) { FoundBy = FoundBy.Models, Model = "batcher" },
        new("forget-who-waits", 2_000, static module => module.Omit("Availability`1", "End", "TrySetException")) { FoundBy = FoundBy.Models, Model = "supervisor" },
    ];
}
