using System.Diagnostics;

namespace RpcGen.Streams;

/// <summary>The stages of a <see cref="ReceiverState"/>.</summary>
internal enum ReceiverStage
{
    /// <summary>More can come.</summary>
    Open,

    /// <summary>The end, a fault or a loss is known. What was received before is still delivered.</summary>
    Complete,

    /// <summary>The consumer has the end, or wants no more.</summary>
    Closed,
}

/// <summary>What the shell of a <see cref="ReceiverState"/> has to do after an event.</summary>
[Flags]
internal enum ReceiverAction
{
    None = 0,

    /// <summary>Keep the message for the consumer, and wake it.</summary>
    Keep = 1,

    /// <summary>Drop the message.</summary>
    Drop = 2,

    /// <summary>The sender broke the rules: end the stream with an exception after what was received, and tell the sender.</summary>
    Violation = 4,

    /// <summary>Send a grant.</summary>
    Grant = 8,

    /// <summary>Tell the sender that the consumer wants no more.</summary>
    Cancel = 16,
}

/// <summary>
/// The receiving side of one stream, without I/O and clock. The shell reports events, and does what the actions say. Not
/// thread-safe: the shell has a lock.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Event</term><description>Moves and actions</description></listheader>
/// <item><term><see cref="OnMessage"/></term><description>Open: keep; beyond the grant: violation → Complete. The last message → Complete. Else: drop.</description></item>
/// <item><term><see cref="OnEnded"/></term><description>A fault or a loss: Open → Complete. Else: nothing.</description></item>
/// <item><term><see cref="TryBegin"/></term><description>The consumer starts with a message: false if its number is not the next one.</description></item>
/// <item><term><see cref="OnItemTaken"/></term><description>Counts the item. Half of the window's items were consumed: grant.</description></item>
/// <item><term><see cref="OnConsumed"/></term><description>Counts the message. Half of the window was consumed: grant.</description></item>
/// <item><term><see cref="OnViolation"/></term><description>Open → Complete, cancel.</description></item>
/// <item><term><see cref="OnClosed"/></term><description>The consumer has the end, disposes or cancels: → Closed; it was Open: cancel.</description></item>
/// </list>
/// </remarks>
/// <param name="window">How many bytes can be on their way or wait for the consumer, one message more at most.</param>
/// <param name="windowItems">The same in items; 0 for no limit.</param>
internal sealed class ReceiverState(long window, int windowItems)
{
    private long _consumedBytes;

    /// <summary>The stage.</summary>
    public ReceiverStage Stage { get; private set; } = ReceiverStage.Open;

    /// <summary>The window in bytes. It can grow.</summary>
    public long Window { get; private set; } = window;

    /// <summary>What was received, in bytes as grants count them.</summary>
    public long ReceivedBytes { get; private set; }

    /// <summary>What the sender may send in all, in bytes.</summary>
    public long GrantedBytes { get; private set; } = window;

    /// <summary>What the sender may send in all, in items.</summary>
    public long GrantedItems { get; private set; } = windowItems == 0 ? long.MaxValue : windowItems;

    /// <summary>How many items the consumer has taken: the number of the next one.</summary>
    public long TakenItems { get; private set; }

    /// <summary>The bytes that wait for the consumer.</summary>
    public long BufferedBytes => ReceivedBytes - _consumedBytes;

    /// <summary>Whether the sender has used up what it was granted.</summary>
    public bool IsGrantUsedUp => ReceivedBytes >= GrantedBytes;

    /// <summary>A message with items has come.</summary>
    /// <param name="cost">What it counts; 0 for an end without items.</param>
    /// <param name="isLast">Whether it is the end.</param>
    public ReceiverAction OnMessage(long cost, bool isLast)
    {
        if (Stage != ReceiverStage.Open)
        {
            return ReceiverAction.Drop;
        }

        if (cost > 0 && IsGrantUsedUp)
        {
            return ReceiverAction.Drop | OnViolation();
        }

        ReceivedBytes += cost;
        Stage = isLast ? ReceiverStage.Complete : ReceiverStage.Open;
        return ReceiverAction.Keep;
    }

    /// <summary>A fault has come, or the sender is lost. Returns whether this ends the stream.</summary>
    public bool OnEnded()
    {
        bool isFirst = Stage == ReceiverStage.Open;
        Stage = isFirst ? ReceiverStage.Complete : Stage;
        return isFirst;
    }

    /// <summary>The consumer starts with a message. False if messages before it are missing, or it came twice.</summary>
    public bool TryBegin(long firstItem) => firstItem == TakenItems;

    /// <summary>The consumer takes an item.</summary>
    /// <param name="count">What it counts: 1, or the length of a piece of bytes.</param>
    public ReceiverAction OnItemTaken(long count = 1)
    {
        TakenItems += count; // the stream can be interrupted while the item is being read
        if (windowItems == 0 || Stage != ReceiverStage.Open || TakenItems + windowItems - GrantedItems < Math.Max(1, windowItems / 2))
        {
            return ReceiverAction.None;
        }

        GrantAll();
        return ReceiverAction.Grant;
    }

    /// <summary>All items of a message are taken.</summary>
    /// <param name="cost">What it counted.</param>
    /// <param name="growBy">By how much the window grows now.</param>
    public ReceiverAction OnConsumed(long cost, long growBy = 0)
    {
        _consumedBytes += cost;
        Window += growBy;
        Debug.Assert(_consumedBytes <= ReceivedBytes, "A message is consumed once.");
        if (Stage != ReceiverStage.Open || _consumedBytes + Window - GrantedBytes < Window / 2)
        {
            return ReceiverAction.None;
        }

        GrantAll();
        return ReceiverAction.Grant;
    }

    /// <summary>What came breaks the rules.</summary>
    public ReceiverAction OnViolation()
    {
        bool mustTell = Stage == ReceiverStage.Open;
        Stage = mustTell ? ReceiverStage.Complete : Stage;
        return ReceiverAction.Violation | (mustTell ? ReceiverAction.Cancel : ReceiverAction.None);
    }

    /// <summary>The consumer has the end, or wants no more.</summary>
    public ReceiverAction OnClosed()
    {
        ReceiverAction action = Stage == ReceiverStage.Open ? ReceiverAction.Cancel : ReceiverAction.None;
        Stage = ReceiverStage.Closed;
        return action;
    }

    private void GrantAll()
    {
        GrantedBytes = Math.Max(GrantedBytes, _consumedBytes + Window);
        GrantedItems = windowItems == 0 ? long.MaxValue : Math.Max(GrantedItems, TakenItems + windowItems);
    }
}
