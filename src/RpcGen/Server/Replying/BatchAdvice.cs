using RpcGen.Protocol;

namespace RpcGen.Server.Replying;

/// <summary>Tells clients whether a method is quick enough for batches, judged by the time that its handler took.</summary>
internal static class BatchAdvice
{
    /// <summary>Calls of slower methods gain nothing from batches, and are better spread over servers one by one.</summary>
    private static readonly TimeSpan QuickMethodTime = TimeSpan.FromMilliseconds(1);

    /// <summary>How long a handler took; zero if it was not started.</summary>
    public static TimeSpan HandlerTime(long? startedAt, TimeProvider time) => startedAt is { } start ? time.GetElapsedTime(start) : TimeSpan.Zero;

    /// <summary>The hint for a handler that took this long.</summary>
    public static BatchHint HintFor(TimeSpan handlerTime) => handlerTime < QuickMethodTime ? BatchHint.Batchable : BatchHint.Unbatchable;

    /// <summary>The milliseconds to report with a batched reply; 0 for a quick method, which reports nothing.</summary>
    public static long SlownessOf(TimeSpan handlerTime) => handlerTime < QuickMethodTime ? 0 : (long)handlerTime.TotalMilliseconds;
}
