using System.Diagnostics;

namespace RpcGen.Streams;

/// <summary>The stages of a <see cref="SenderState"/>.</summary>
internal enum SenderStage
{
    /// <summary>Items can be sent.</summary>
    Ready,

    /// <summary>The receiver has granted no more.</summary>
    Stalled,

    /// <summary>The source has ended; the rest is sent, then the end.</summary>
    Ending,

    /// <summary>The end is sent, or the stream was given up.</summary>
    Closed,
}

/// <summary>What the shell of a <see cref="SenderState"/> has to do after an event.</summary>
[Flags]
internal enum SenderAction
{
    None = 0,

    /// <summary>Queue a flusher: none is on its way.</summary>
    Flush = 1,

    /// <summary>Let the producer go on, if it waits.</summary>
    Release = 2,

    /// <summary>The stream was given up: fire the producer's token, and drop what is gathered.</summary>
    GiveUp = 4,

    /// <summary>The end is sent.</summary>
    Finish = 8,
}

/// <summary>What a flusher has to publish.</summary>
internal enum SenderMessage
{
    /// <summary>Nothing: the flusher ends.</summary>
    None,

    /// <summary>That the call is open.</summary>
    Open,

    /// <summary>The gathered items.</summary>
    Items,

    /// <summary>The gathered items, which are the last ones, or none.</summary>
    End,

    /// <summary>The fault with which the stream ends.</summary>
    Fault,
}

/// <summary>
/// The sending side of one stream, without I/O and clock. The shell reports events, and does what the actions say. Not thread-safe:
/// the shell has a lock.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Event</term><description>Moves and actions</description></listheader>
/// <item><term><see cref="OnWritten"/></term><description>Ready: flush. Stalled: gather. Closed: drop.</description></item>
/// <item><term><see cref="OnReplaced"/></term><description>The same, after everything that is gathered was dropped. Of progress, only what can be sent is kept, or the latest value.</description></item>
/// <item><term><see cref="OnProducerWaits"/></term><description>Nothing sent and nothing gathered: flush, which announces the call.</description></item>
/// <item><term><see cref="OnGrant"/></term><description>Larger: Stalled → Ready, flush what is gathered, release the producer. Ending: flush.</description></item>
/// <item><term><see cref="OnSourceEnded"/></term><description>Ready, Stalled → Ending, flush.</description></item>
/// <item><term><see cref="OnPublished"/></term><description>Items: release the producer; the grant is used up → Stalled. End or fault → Closed.</description></item>
/// <item><term><see cref="OnGivenUp"/></term><description>Cancel, loss: any but Closed → Closed, give up.</description></item>
/// </list>
/// </remarks>
/// <param name="grantedBytes">What the receiver takes before its first grant, in bytes.</param>
/// <param name="grantedItems">The same in items; <see cref="long.MaxValue"/> for no limit.</param>
/// <param name="messageBytes">The size from which on a message is full.</param>
internal sealed class SenderState(long grantedBytes, long grantedItems, int messageBytes = StreamLimits.MessageBytes)
{
    private bool _isFlusherQueued;
    private bool _isOpenDue;
    private bool _hasFault;
    private int _inFlightItems;
    private int _inFlightCost;

    /// <summary>The stage.</summary>
    public SenderStage Stage { get; private set; } = grantedBytes > 0 ? SenderStage.Ready : SenderStage.Stalled;

    /// <summary>What was sent, in bytes as grants count them.</summary>
    public long SentBytes { get; private set; }

    /// <summary>What the receiver takes in all, in bytes.</summary>
    public long GrantedBytes { get; private set; } = grantedBytes;

    /// <summary>The number of the next item that is published: how many were published before it.</summary>
    public long SentItems { get; private set; }

    /// <summary>How many items the receiver takes in all.</summary>
    public long GrantedItems { get; private set; } = grantedItems;

    /// <summary>How many items are gathered.</summary>
    public int GatheredItems { get; private set; }

    /// <summary>How many bytes they have.</summary>
    public int GatheredBytes { get; private set; }

    /// <summary>Whether anything was published: the client knows who serves its call.</summary>
    public bool IsAnnounced { get; private set; }

    /// <summary>Whether the producer has to wait before it produces another item.</summary>
    public bool MustHold => Stage != SenderStage.Closed &&
        (GatheredBytes >= messageBytes || SentItems + _inFlightItems + GatheredItems >= GrantedItems);

    /// <summary>Whether a value that counts only until the next one replaces those that are gathered: they cannot be sent now.</summary>
    public bool IsHeldUp => SentBytes + _inFlightCost + (GatheredItems == 0 ? 0 : StreamLimits.CostOf(GatheredBytes)) >= GrantedBytes;

    private bool HasCredit => SentBytes + _inFlightCost < GrantedBytes;

    /// <summary>The producer has written an item.</summary>
    /// <param name="gatheredBytes">The bytes of all gathered items.</param>
    /// <param name="items">How many items were written; for bytes, how many bytes.</param>
    public SenderAction OnWritten(int gatheredBytes, int items = 1)
    {
        Debug.Assert(Stage != SenderStage.Ending, "A source that has ended produces nothing.");
        if (Stage == SenderStage.Closed)
        {
            return SenderAction.None;
        }

        GatheredItems += items;
        GatheredBytes = gatheredBytes;
        return QueueFlusher();
    }

    /// <summary>The producer has written an item, and dropped those that were gathered before.</summary>
    /// <param name="gatheredBytes">The bytes of the item.</param>
    public SenderAction OnReplaced(int gatheredBytes)
    {
        GatheredItems = 0;
        return OnWritten(gatheredBytes);
    }

    /// <summary>The producer waits for something else than the stream.</summary>
    public SenderAction OnProducerWaits()
    {
        if (IsAnnounced || Stage is SenderStage.Ending or SenderStage.Closed || (GatheredItems > 0 && HasCredit))
        {
            return SenderAction.None;
        }

        _isOpenDue = true;
        return QueueFlusher();
    }

    /// <summary>The receiver takes so much in all. Grants can arrive in any order: the largest counts.</summary>
    public SenderAction OnGrant(long bytes, long items)
    {
        if (Stage == SenderStage.Closed)
        {
            return SenderAction.None;
        }

        bool wasHeld = MustHold;
        GrantedBytes = Math.Max(GrantedBytes, bytes);
        GrantedItems = Math.Max(GrantedItems, items);
        Settle();
        return QueueFlusher() | (wasHeld && !MustHold ? SenderAction.Release : SenderAction.None);
    }

    /// <summary>The source has ended.</summary>
    /// <param name="hasFault">Whether it has failed.</param>
    public SenderAction OnSourceEnded(bool hasFault)
    {
        if (Stage == SenderStage.Closed)
        {
            return SenderAction.None;
        }

        Debug.Assert(Stage != SenderStage.Ending, "A source ends once.");
        Stage = SenderStage.Ending;
        _hasFault = hasFault;
        return QueueFlusher();
    }

    /// <summary>A flusher asks what to publish. It reports <see cref="OnPublished"/> afterwards, unless there is nothing.</summary>
    /// <param name="cost">What the gathered items cost as one message.</param>
    public SenderMessage TakeMessage(int cost)
    {
        Debug.Assert(_isFlusherQueued || Stage == SenderStage.Closed, "Only a flusher that was asked for publishes.");
        SenderMessage message = NextMessage();
        if (message == SenderMessage.None)
        {
            _isFlusherQueued = false;
        }
        else if (GatheredItems > 0 && message is (SenderMessage.Items or SenderMessage.End))
        {
            _inFlightItems = GatheredItems;
            _inFlightCost = cost;
            GatheredItems = 0;
            GatheredBytes = 0;
        }

        return message;
    }

    /// <summary>The flusher has published. It asks again right after.</summary>
    public SenderAction OnPublished(SenderMessage message)
    {
        SentItems += _inFlightItems;
        SentBytes += _inFlightCost;
        _inFlightItems = 0;
        _inFlightCost = 0;
        IsAnnounced = true;
        _isOpenDue = false;
        if (Stage == SenderStage.Closed)
        {
            return SenderAction.None;
        }

        if (message is SenderMessage.End or SenderMessage.Fault)
        {
            Debug.Assert(Stage == SenderStage.Ending, "Only a source that has ended has an end.");
            Stage = SenderStage.Closed;
            return SenderAction.Finish;
        }

        Settle();
        return MustHold ? SenderAction.None : SenderAction.Release;
    }

    /// <summary>The receiver wants no more, or cannot be reached.</summary>
    public SenderAction OnGivenUp()
    {
        if (Stage == SenderStage.Closed)
        {
            return SenderAction.None;
        }

        Stage = SenderStage.Closed;
        GatheredItems = 0;
        GatheredBytes = 0;
        return SenderAction.GiveUp | SenderAction.Release;
    }

    private SenderMessage NextMessage()
    {
        if (Stage == SenderStage.Closed)
        {
            return SenderMessage.None;
        }

        if (GatheredItems > 0 && HasCredit)
        {
            return Stage == SenderStage.Ending && !_hasFault ? SenderMessage.End : SenderMessage.Items;
        }

        if (GatheredItems == 0 && Stage == SenderStage.Ending)
        {
            return _hasFault ? SenderMessage.Fault : SenderMessage.End;
        }

        return _isOpenDue ? SenderMessage.Open : SenderMessage.None;
    }

    private SenderAction QueueFlusher()
    {
        if (_isFlusherQueued || NextMessage() == SenderMessage.None)
        {
            return SenderAction.None;
        }

        _isFlusherQueued = true;
        return SenderAction.Flush;
    }

    /// <summary>Ready and Stalled follow from the credit.</summary>
    private void Settle()
    {
        if (Stage is SenderStage.Ready or SenderStage.Stalled)
        {
            Stage = HasCredit ? SenderStage.Ready : SenderStage.Stalled;
        }
    }
}
