using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server.Replying;

/// <summary>
/// Remembers the latest large replies of a channel. If the broker closes the channel because of its <c>max_message_size</c>, these
/// show which calls have run and cannot be answered. Otherwise each of them would run again. Thread-safe.
/// </summary>
internal sealed class LargeReplies
{
    /// <summary>Smaller replies are not remembered: no broker refuses them.</summary>
    public const int LeastBytes = 16 * 1024;

    /// <summary>How many are remembered. Replies follow each other on a channel, and the broker closes it at the first refused one.</summary>
    public const int Capacity = 256;

    private readonly Queue<LargeReply> _latest = new();
    private readonly Lock _gate = new();

    /// <summary>Notes a reply that is about to be published.</summary>
    public void Add(string replyTo, CorrelationId id, int length)
    {
        if (length < LeastBytes)
        {
            return;
        }

        lock (_gate)
        {
            if (_latest.Count == Capacity)
            {
                _latest.Dequeue();
            }

            _latest.Enqueue(new LargeReply(replyTo, id, length));
        }
    }

    /// <summary>The replies that a broker with this limit has certainly refused.</summary>
    public IReadOnlyList<LargeReply> Above(int limit)
    {
        lock (_gate)
        {
            return [.. _latest.Where(reply => reply.Length > limit)];
        }
    }
}

/// <summary>A large reply.</summary>
/// <param name="ReplyTo">The caller's address.</param>
/// <param name="Id">The call.</param>
/// <param name="Length">The size of the body in bytes.</param>
internal readonly record struct LargeReply(string ReplyTo, CorrelationId Id, int Length);
