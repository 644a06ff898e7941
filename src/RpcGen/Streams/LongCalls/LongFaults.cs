using RpcGen.Protocol;

namespace RpcGen.Streams.LongCalls;

/// <summary>The faults of long calls that no handler causes.</summary>
internal static class LongFaults
{
    /// <summary>The outcome has no form in AMQP.</summary>
    public static byte[] Unsendable() => Write(FaultCodes.ResultTooLarge, "The reply cannot be sent.", "The headers of the reply exceed a frame of the broker.");

    /// <summary>The server stops.</summary>
    public static byte[] Interrupted() => Write(FaultCodes.Interrupted, "The server stopped.", "The server stopped while it ran the call. It may have run in part.");

    private static byte[] Write(string code, string title, string detail)
    {
        var problem = new PooledBuffer();
        FaultWriter.Write(problem, code, title, detail);
        byte[] written = problem.Written.ToArray();
        problem.Release();
        return written;
    }
}
