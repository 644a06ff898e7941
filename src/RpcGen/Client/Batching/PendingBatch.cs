using System.Diagnostics;
using System.Runtime.InteropServices;
using RpcGen.Client.Calls;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Batching;

/// <summary>
/// A request message with several calls, until a reply shows that a server has taken it. Each call has its own outcome and
/// deadline. The batch represents the message as a whole, which can be returned, lost or refused.
/// </summary>
/// <remarks>
/// Replies and returns end the batcher's wait for this message (<see cref="IBatchOwner.OnMessageOver"/>). Losses and failures do
/// not: the batcher ends its wait by itself after <see cref="RequestBatcher.ReplyTimeout"/>.
/// </remarks>
/// <param name="pool">Keeps the object for its next use.</param>
/// <param name="events">Decides what a reply to the message as a whole means.</param>
/// <param name="table">Gives the object its slot.</param>
/// <param name="time">The clock.</param>
internal sealed class PendingBatch(BoundedPool<PendingBatch> pool, IBatchEvents events, SlotTable<PendingMessage> table, TimeProvider time)
    : PendingMessage(table, time)
{
    private readonly List<(PendingCall Call, long Generation)> _calls = [];

    /// <summary>The batcher that the batch belongs to. Valid while the batch is pinned or not yet sent.</summary>
    public IBatchOwner Owner { get; set; } = null!;

    /// <summary>The ticket of the batcher's message.</summary>
    public long Ticket { get; private set; }

    /// <inheritdoc cref="PendingMessage.NextId"/>
    public new CorrelationId NextId => base.NextId();

    /// <summary>The queue that the batch was sent to. Set before it is sent.</summary>
    public string Queue { get; set; } = "";

    /// <summary>The calls, each with the use of its object that is meant. Valid while the batch is pinned or not yet sent.</summary>
    public ReadOnlySpan<(PendingCall Call, long Generation)> Calls => CollectionsMarshal.AsSpan(_calls);

    /// <summary>Adds a call to an idle batch.</summary>
    public void Add(PendingCall call, long generation)
    {
        Debug.Assert(Current.Stage == CallStage.Idle, "Calls are added before the batch is sent.");
        _calls.Add((call, generation));
    }

    /// <summary>Gives the message its ticket.</summary>
    public void SetTicket(long ticket) => Ticket = ticket;

    /// <summary>Starts a use whose calls are written to the body and taken for the link. It is sent, and pinned for the publish.</summary>
    /// <returns>The use's generation.</returns>
    public long BeginSent(CallLink link, CallDeadline deadline)
    {
        Debug.Assert(_calls.Count > 0, "A batch has calls.");
        long generation = BeginUse();
        Link = link;
        SetDeadline(deadline);
        bool isPinned = TryPin(generation);
        Debug.Assert(isPinned, "Nobody else knows the use yet.");
        bool isSent = TryMove(generation, CallStage.Preparing, CallStage.Sent);
        Debug.Assert(isSent, "Nobody else knows the use yet.");
        WatchDeadline();
        return generation;
    }

    /// <summary>Removes the calls of a batch that was not sent.</summary>
    public void Drop()
    {
        Debug.Assert(Current.Stage == CallStage.Idle, "A batch that was sent ends with Finish.");
        Recycle();
    }

    /// <summary>Ends a use: nobody waits for the message any more. Does nothing if the use is over.</summary>
    public void Finish(long generation)
    {
        if (TryComplete(generation))
        {
            TryEnd();
            Unpin();
        }
    }

    /// <inheritdoc/>
    public override void OnReply(long generation, MessageKind kind, in IncomingMessage reply) => events.OnRefused(this, generation, kind, in reply);

    /// <inheritdoc/>
    public override void OnReturned(long generation, in ReturnedMessage returned)
    {
        if (TryPin(generation))
        {
            foreach ((PendingCall call, long use) in Calls)
            {
                call.OnReturned(use, in returned);
            }

            Owner.OnMessageOver(Ticket);
            Finish(generation);
            Unpin();
        }
    }

    /// <inheritdoc/>
    public override void OnNacked(long generation)
    {
        if (TryPin(generation))
        {
            foreach ((PendingCall call, long use) in Calls)
            {
                call.OnNacked(use);
            }

            Owner.OnMessageOver(Ticket);
            Finish(generation);
            Unpin();
        }
    }

    /// <inheritdoc/>
    public override void OnNotSent(long generation, CallLink link)
    {
        if (TryPin(generation))
        {
            foreach ((PendingCall call, long use) in Calls)
            {
                call.OnNotSent(use, link);
            }

            Finish(generation);
            Unpin();
        }
    }

    /// <inheritdoc/>
    public override void OnSendFailed(long generation, Exception exception)
    {
        if (TryPin(generation))
        {
            foreach ((PendingCall call, long use) in Calls)
            {
                call.OnSendFailed(use, exception);
            }

            Finish(generation);
            Unpin();
        }
    }

    /// <inheritdoc/>
    public override void OnLinkLost(long generation, CallLink link, string reason)
    {
        if (TryPin(generation))
        {
            bool isTooLarge = link.ExceededLimit is { } limit && Body.Length > limit; // none of its calls can have run
            foreach ((PendingCall call, long use) in Calls)
            {
                if (isTooLarge)
                {
                    call.OnNotSent(use, link);
                }
                else
                {
                    call.OnLinkLost(use, link, reason);
                }
            }

            Finish(generation);
            Unpin();
        }
    }

    /// <inheritdoc/>
    public override void OnDeadlineNear()
    {
        // Each call inspects the queue by itself.
    }

    /// <inheritdoc/>
    public override void OnDeadline(long generation) => Finish(generation); // each call has its own deadline

    /// <inheritdoc/>
    protected override bool TryRecycle()
    {
        _calls.Clear();
        Owner = null!; // the table keeps idle batches, and must not keep batchers of unused queues alive
        return pool.TryReturn(this);
    }
}

/// <summary>The part of a batcher that its batches and their replies report to. <see cref="IBatchFeedback"/> compares the three interfaces.</summary>
internal interface IBatchOwner
{
    /// <summary>The message with this ticket is over: it was replied to, or returned.</summary>
    void OnMessageOver(long ticket);

    /// <summary>A server cannot read batches: calls travel singly for a while.</summary>
    void Pause();
}

/// <summary>Events of a batch that are not events of its calls. <see cref="BatchReplyReader"/> handles them.</summary>
internal interface IBatchEvents
{
    /// <summary>A server replied to the message as a whole instead of to its calls.</summary>
    void OnRefused(PendingBatch batch, long generation, MessageKind kind, in IncomingMessage reply);
}
