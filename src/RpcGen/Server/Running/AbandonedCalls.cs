using RpcGen.Server.Acknowledging;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>The calls that a channel gave up. The broker gives their requests to other servers, except those acknowledged early.</summary>
internal sealed class AbandonedCalls
{
    private readonly List<(string ReplyTo, CorrelationId Id)> _alreadyAcknowledged = [];

    /// <summary>How many calls were given up.</summary>
    public int Count { get; private set; }

    /// <summary>The calls whose requests are acknowledged, or about to be: no other server gets them. Callers can be told only while the channel is open.</summary>
    public IReadOnlyList<(string ReplyTo, CorrelationId Id)> AlreadyAcknowledged => _alreadyAcknowledged;

    /// <summary>Adds a call.</summary>
    public void Add(Delivery delivery, CorrelationId id)
    {
        Count++;
        if (delivery is { Ack: not AckState.Pending, ReplyTo: { } replyTo })
        {
            _alreadyAcknowledged.Add((replyTo, id));
        }
    }
}
