using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>
/// The calls that a link has served lately. If the link is lost, what it has sent last can be lost with it, and a caller that has heard nothing does not know
/// whom to wait for: its request is acknowledged. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class RecentCalls(TimeProvider time)
{
    /// <summary>For how long a connection can be dead without being noticed.</summary>
    public static readonly TimeSpan Age = TimeSpan.FromSeconds(30);

    /// <summary>How many calls are kept.</summary>
    public const int Capacity = 4096;

    private const string Detail = "The server lost its connection for streams, perhaps before the caller had heard of the call. It may have run.";

    private readonly Lock _gate = new();
    private readonly Queue<(RecentCall Call, long At)> _calls = new();

    /// <summary>A call is about to be announced to its caller.</summary>
    public void Add(string caller, CorrelationId id)
    {
        long now = time.GetTimestamp();
        lock (_gate)
        {
            _calls.Enqueue((new RecentCall(caller, id), now));
            DropOld(now);
        }
    }

    /// <summary>The calls that were added lately.</summary>
    public RecentCall[] Take()
    {
        lock (_gate)
        {
            DropOld(time.GetTimestamp());
            RecentCall[] taken = [.. _calls.Select(static entry => entry.Call)];
            _calls.Clear();
            return taken;
        }
    }

    /// <summary>What callers of such calls are told.</summary>
    public static byte[] WriteFault()
    {
        var problem = new PooledBuffer();
        FaultWriter.Write(problem, FaultCodes.Interrupted, "The call was interrupted.", Detail);
        byte[] written = problem.Written.ToArray();
        problem.Release();
        return written;
    }

    private void DropOld(long now)
    {
        while (_calls.TryPeek(out (RecentCall Call, long At) oldest) && (_calls.Count > Capacity || time.GetElapsedTime(oldest.At, now) > Age))
        {
            _calls.Dequeue();
        }
    }
}

/// <summary>A call that was served.</summary>
/// <param name="Caller">The stream queue of its caller.</param>
/// <param name="Id">Its id, as the caller has sent it.</param>
internal readonly record struct RecentCall(string Caller, CorrelationId Id);
