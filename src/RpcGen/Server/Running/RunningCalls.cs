using System.Diagnostics;
using System.Numerics;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>
/// The calls that run. One is found by its reply address and id in constant time, however many there are, and without the
/// scheduler's lock: a storm of cancels does not hold up calls.
/// </summary>
/// <remarks>
/// A hash table whose chains go through the calls. <see cref="Add"/>, <see cref="Remove"/> and <see cref="All"/> need the
/// scheduler's lock. <see cref="TryCancel"/> does not. A reader can follow the wrong chain if its current call is removed and
/// added to another chain meanwhile. It then sees that the bucket's count of removals has changed, and starts again.
/// </remarks>
internal sealed class RunningCalls
{
    private const int MinBuckets = 16;
    private const int MaxBuckets = 8192;

    private readonly List<ServerCall> _calls = [];
    private readonly Bucket[] _buckets;
    private readonly int _maxRunning;

    /// <param name="maxRunning">How many calls run at a time.</param>
    /// <param name="maxLong">How many long calls run in addition.</param>
    public RunningCalls(int maxRunning, int maxLong = 0)
    {
        _maxRunning = maxRunning + maxLong;
        _buckets = new Bucket[Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)maxRunning) * 2, MinBuckets, MaxBuckets)];
    }

    /// <summary>How many calls run.</summary>
    public int Count => _calls.Count;

    /// <summary>The calls, in no order.</summary>
    public IEnumerable<ServerCall> All => _calls;

    /// <summary>Adds a call that is about to start.</summary>
    public void Add(ServerCall call)
    {
        call.Place = _calls.Count;
        _calls.Add(call);
        call.Bucket = BucketOf(call.Id.Normalize());
        ref Bucket bucket = ref _buckets[call.Bucket];
        call.NextInBucket = bucket.First;
        Volatile.Write(ref bucket.First, call);
    }

    /// <summary>Removes a call that has ended.</summary>
    public void Remove(ServerCall call)
    {
        Debug.Assert(ReferenceEquals(_calls[call.Place], call), "A call ends once, and only after it was started.");
        ServerCall last = _calls[^1];
        last.Place = call.Place;
        _calls[call.Place] = last;
        _calls.RemoveAt(_calls.Count - 1);
        Unlink(ref _buckets[call.Bucket], call);
    }

    /// <summary>Cancels the call with this reply address and correlation id; false if it does not run.</summary>
    public bool TryCancel(string replyTo, CorrelationId id)
    {
        id = id.Normalize();
        ref Bucket bucket = ref _buckets[BucketOf(id)];
        while (true)
        {
            int removals = Volatile.Read(ref bucket.Removals);
            ServerCall? call = Volatile.Read(ref bucket.First);
            for (int steps = 0; call is not null && steps <= _maxRunning; steps++)
            {
                if (call.TryCancelByCaller(replyTo, id))
                {
                    return true;
                }

                call = call.NextInBucket;
            }

            if (removals == Volatile.Read(ref bucket.Removals))
            {
                return false;
            }
        }
    }

    /// <summary>The removed call keeps its link, so a reader that is at this call can continue.</summary>
    private static void Unlink(ref Bucket bucket, ServerCall call)
    {
        if (ReferenceEquals(bucket.First, call))
        {
            Volatile.Write(ref bucket.First, call.NextInBucket);
        }
        else
        {
            ServerCall previous = bucket.First!;
            while (!ReferenceEquals(previous.NextInBucket, call))
            {
                previous = previous.NextInBucket!;
            }

            previous.NextInBucket = call.NextInBucket;
        }

        // After the call has left the chain: a reader that sees the new count cannot come to the call any more.
        Volatile.Write(ref bucket.Removals, bucket.Removals + 1);
    }

    /// <summary>Peers choose the ids, but cannot predict their hashes.</summary>
    private int BucketOf(CorrelationId id) => id.GetHashCode() & (_buckets.Length - 1);

    private struct Bucket
    {
        public ServerCall? First;
        public int Removals;
    }
}
