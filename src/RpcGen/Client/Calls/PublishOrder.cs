namespace RpcGen.Client.Calls;

/// <summary>
/// The order in which messages are handed to a channel. If the broker refuses a message, it closes the channel and takes none
/// of those after it, but does not say which one it refused. One is certain: the last message is the refused one, or
/// comes after it. Thread-safe.
/// </summary>
internal sealed class PublishOrder
{
    private long _begun;
    private long _ended;

    /// <summary>Begins to hand a message to the channel.</summary>
    public PublishTicket Begin()
    {
        long number = Interlocked.Increment(ref _begun);
        return new PublishTicket(number, IsAlone: Volatile.Read(ref _ended) == number - 1);
    }

    /// <summary>A message that was begun is handed over, or will not be.</summary>
    public void End() => Interlocked.Increment(ref _ended);

    /// <summary>Whether a message is certainly the last one: all others were handed over before it.</summary>
    public bool IsLast(PublishTicket ticket) => ticket.IsAlone && ticket.Number == Volatile.Read(ref _begun);
}

/// <summary>The place of a message in the order of its channel.</summary>
/// <param name="Number">Its number; 0 if it has none.</param>
/// <param name="IsAlone">Whether every message with a smaller number was handed over before this one was begun.</param>
internal readonly record struct PublishTicket(long Number, bool IsAlone);
