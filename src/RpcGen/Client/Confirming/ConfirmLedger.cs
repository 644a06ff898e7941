using System.Diagnostics;

namespace RpcGen.Client.Confirming;

/// <summary>
/// The messages of one channel that the broker has not confirmed. The broker counts the messages of a channel from 1, and
/// confirms them by these numbers. Allocates nothing in steady state. Not thread-safe: its channel's lock guards it.
/// </summary>
/// <remarks>
/// Legal moves of one message:
/// <code>
/// from         to           when
/// (unknown)    Unconfirmed  Add: it is about to be handed to the channel
/// Unconfirmed  (unknown)    Undo: it was not handed over after all, and the next message gets its number
/// Unconfirmed  Confirmed    Confirm: basic.ack
/// Unconfirmed  Refused      Refuse: basic.nack
/// </code>
/// A call that is answered before its message is confirmed changes nothing here: the confirm then finds that the call has ended.
/// </remarks>
internal sealed class ConfirmLedger
{
    private const int LeastCapacity = 64;

    /// <summary>A ledger with more room than this gives it back when it is empty.</summary>
    private const int MostSpareCapacity = 4096;

    /// <summary>The ids by number, in a ring; 0 for a message that is confirmed or refused.</summary>
    private ulong[] _ids = new ulong[LeastCapacity];

    /// <summary>No smaller number is unconfirmed.</summary>
    private ulong _oldest = 1;

    private ulong _next = 1;

    /// <summary>The number of messages that have room. For tests.</summary>
    public int Capacity => _ids.Length;

    /// <summary>Adds a message.</summary>
    /// <param name="id">The number of its correlation id.</param>
    /// <returns>Its number on the channel.</returns>
    public ulong Add(ulong id)
    {
        if (_next - _oldest == (ulong)_ids.Length)
        {
            Grow();
        }

        Debug.Assert(this[_next] == 0, "The place of the next message is free.");
        this[_next] = id;
        return _next++;
    }

    /// <summary>Forgets the last message, which was not handed over.</summary>
    public void Undo(ulong number)
    {
        Debug.Assert(number == _next - 1 && number >= _oldest, "Only the last message can be undone: later ones have later numbers.");
        this[number] = 0;
        _next = number;
    }

    /// <summary>The broker confirmed a message; with <paramref name="multiple"/>, all earlier ones as well.</summary>
    public void Confirm(ulong number, bool multiple) => Settle(number, multiple, refused: null);

    /// <summary>The broker refused a message; with <paramref name="multiple"/>, all earlier ones as well.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="multiple">Whether the earlier ones are refused too.</param>
    /// <param name="refused">Gets the ids of those that were unconfirmed, in order.</param>
    public void Refuse(ulong number, bool multiple, List<ulong> refused) => Settle(number, multiple, refused);

    /// <summary>Whether a message with this id is unconfirmed.</summary>
    public bool IsUnconfirmed(ulong id)
    {
        int first = IndexOf(_oldest), count = (int)(_next - _oldest);
        int toEnd = Math.Min(count, _ids.Length - first);
        return id != 0 && (_ids.AsSpan(first, toEnd).Contains(id) || _ids.AsSpan(0, count - toEnd).Contains(id));
    }

    private ref ulong this[ulong number] => ref _ids[IndexOf(number)];

    private int IndexOf(ulong number) => (int)(number & (ulong)(_ids.Length - 1));

    private void Settle(ulong number, bool multiple, List<ulong>? refused)
    {
        if (number >= _next || number < _oldest)
        {
            return; // settled before, or never published
        }

        for (ulong each = multiple ? _oldest : number; each <= number; each++)
        {
            if (this[each] != 0)
            {
                refused?.Add(this[each]);
                this[each] = 0;
            }
        }

        while (_oldest < _next && this[_oldest] == 0)
        {
            _oldest++;
        }

        if (_oldest == _next && _ids.Length > MostSpareCapacity)
        {
            _ids = new ulong[LeastCapacity];
        }
    }

    private void Grow()
    {
        var larger = new ulong[_ids.Length * 2];
        for (ulong number = _oldest; number < _next; number++)
        {
            larger[(int)(number & (ulong)(larger.Length - 1))] = this[number];
        }

        _ids = larger;
    }
}
