using RpcGen.Client.Confirming;

namespace RpcGen.Client.Calls;

/// <summary>
/// Finds overdue calls without a publisher confirm. The next calls to their queues are then published with confirms. It needs no
/// timer: it looks when another call is about to be sent, because the result matters only then. Thread-safe.
/// </summary>
internal sealed class OverdueWatch(SlotTable<PendingMessage> table, TimeProvider time)
{
    private readonly long _interval = (long)(ConfirmPolicy.OverdueAfter.TotalSeconds * time.TimestampFrequency);
    private long _nextLook = long.MinValue;

    /// <summary>Looks, unless it has done so a short time ago.</summary>
    /// <param name="now">The moment, as a timestamp of the clock.</param>
    public void Look(long now)
    {
        long due = Volatile.Read(ref _nextLook);
        if (now < due || Interlocked.CompareExchange(ref _nextLook, now + _interval, due) != due)
        {
            return;
        }

        foreach (PendingMessage message in table.Snapshot())
        {
            (long generation, CallStage stage) = message.Current;
            if (stage == CallStage.Sent && message is PendingCall call && call.TryPin(generation))
            {
                Judge(call, generation);
                call.Unpin();
            }
        }
    }

    /// <summary>A call has ended without an answer, by its deadline or its caller. For the thread that completed it.</summary>
    public static void OnGivenUp(PendingCall call, CallStage was, bool isExpired)
    {
        if (was != CallStage.Sent || call.IsConfirmed)
        {
            return;
        }

        if (isExpired)
        {
            call.Confirms?.OnTimedOut();
        }
        else
        {
            call.Confirms?.OnOverdue(call.Ticket.At);
        }
    }

    private static void Judge(PendingCall call, long generation)
    {
        SendTicket ticket = call.Ticket; // can be torn, half of another attempt's: that only causes some unnecessary confirms
        if (call.Current == (generation, CallStage.Sent) && ticket.Channel is { IsConfirmed: false })
        {
            call.Confirms?.OnOverdue(ticket.At);
        }
    }
}
