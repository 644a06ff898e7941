namespace RpcGen.Client.Confirming;

/// <summary>
/// Whether calls to a queue are published with publisher confirms. Confirms cost nothing measurable on quorum queues, and a sixth
/// and more of the throughput of classic queues: there, they are asked for only while it is in doubt whether the queue takes
/// messages. Thread-safe.
/// </summary>
/// <remarks>
/// Legal moves:
/// <code>
/// from           to      when
/// (new)          Asking  nothing is known of the queue
/// Asking         Plain   a call with a confirm is answered, and nothing was refused for <see cref="RefusalMemory"/>
/// Plain          Asking  a call has waited for its answer for <see cref="OverdueAfter"/>, or has run out of time, or the queue refused
///                        a message
/// Asking, Plain  Always  a server says that confirms cost nothing: its queue is a quorum queue
/// Always         Plain   a single call is answered by a server that does not say so: the queue is another one now
/// </code>
/// </remarks>
internal sealed class ConfirmPolicy(TimeProvider time)
{
    /// <summary>How long a call waits for its answer before it is overdue.</summary>
    public static readonly TimeSpan OverdueAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a queue that refused a message is in doubt: a full queue takes some messages and refuses others.</summary>
    public static readonly TimeSpan RefusalMemory = TimeSpan.FromSeconds(10);

    private const long Never = long.MinValue;

    private readonly Lock _gate = new();
    private volatile ConfirmMode _mode = ConfirmMode.Asking;
    private long _refusedAt = Never;

    /// <summary>Calls that were sent until then are known as overdue: one slow call is one reason for doubt, however long it runs.</summary>
    private long _overdueUntil = Never;

    /// <summary>The mode.</summary>
    public ConfirmMode Mode => _mode;

    /// <summary>Whether the next message is published with a confirm.</summary>
    public bool Asks => _mode != ConfirmMode.Plain;

    /// <summary>Whether the queue refused a message a short time ago.</summary>
    public bool HasRefused
    {
        get
        {
            lock (_gate)
            {
                return IsRefusalRecent();
            }
        }
    }

    /// <summary>A call is answered. In a batch, this matters only while the queue is in doubt: entries do not say whether confirms cost nothing.</summary>
    /// <param name="wasAsked">Whether it was published with a confirm.</param>
    /// <param name="isFree">Whether the server says that confirms cost nothing.</param>
    public void OnAnswered(bool wasAsked, bool isFree)
    {
        bool changesNothing = _mode switch
        {
            ConfirmMode.Plain => !isFree,
            ConfirmMode.Always => isFree || !wasAsked,
            _ => !isFree && !wasAsked,
        };
        if (changesNothing)
        {
            return; // without the lock: each call is answered
        }

        lock (_gate)
        {
            if (isFree)
            {
                _mode = ConfirmMode.Always;
            }
            else if (wasAsked && !IsRefusalRecent())
            {
                _mode = ConfirmMode.Plain;
            }
        }
    }

    /// <summary>A call without a confirm has waited for its answer since <paramref name="sentAt"/>, a timestamp of the clock.</summary>
    /// <returns>Whether it was not known as overdue.</returns>
    public bool OnOverdue(long sentAt)
    {
        lock (_gate)
        {
            long until = time.GetTimestamp() - (long)(OverdueAfter.TotalSeconds * time.TimestampFrequency);
            if (sentAt <= _overdueUntil || sentAt > until)
            {
                return false;
            }

            _overdueUntil = until;
            Doubt();
            return true;
        }
    }

    /// <summary>A call without a confirm has run out of time.</summary>
    public void OnTimedOut()
    {
        lock (_gate)
        {
            Doubt();
        }
    }

    /// <summary>The queue refused a message.</summary>
    public void OnRefused()
    {
        lock (_gate)
        {
            _refusedAt = time.GetTimestamp();
            Doubt();
        }
    }

    private void Doubt() => _mode = _mode == ConfirmMode.Plain ? ConfirmMode.Asking : _mode;

    private bool IsRefusalRecent() => _refusedAt != Never && time.GetElapsedTime(_refusedAt) < RefusalMemory;
}

/// <summary>The states of a <see cref="ConfirmPolicy"/>, which has the table of legal moves.</summary>
internal enum ConfirmMode
{
    /// <summary>It is in doubt whether the queue takes messages: each one is published with a confirm.</summary>
    Asking,

    /// <summary>The queue takes messages: single calls are published without confirms.</summary>
    Plain,

    /// <summary>Confirms cost nothing on this queue.</summary>
    Always,
}
