using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>The calls that a channel gave up. The broker gives their requests to other servers, except those acknowledged early.</summary>
internal sealed class AbandonedCalls
{
    private readonly List<(string ReplyTo, CorrelationId Id)> _lost = [];

    /// <summary>How many calls were given up.</summary>
    public int Count { get; private set; }

    /// <summary>The calls that no other server gets, because their requests are acknowledged: their callers must be told.</summary>
    public IReadOnlyList<(string ReplyTo, CorrelationId Id)> Lost => _lost;

    /// <summary>Adds a call.</summary>
    public void Add(Delivery delivery, CorrelationId id)
    {
        Count++;
        if (delivery is { Ack: not AckState.Pending, ReplyTo: { } replyTo })
        {
            _lost.Add((replyTo, id));
        }
    }
}
