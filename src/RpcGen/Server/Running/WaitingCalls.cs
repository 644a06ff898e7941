using System.Diagnostics;

namespace RpcGen.Server.Running;

/// <summary>
/// The calls that wait for a place, delivery by delivery in turn: a delivery gives up to <see cref="TurnLength"/> of its calls, and
/// then goes behind the others. So a call that came by itself waits for a few calls of each earlier batch, and not for all of them.
/// For the <see cref="CallScheduler"/>, under its lock.
/// </summary>
internal sealed class WaitingCalls
{
    /// <summary>The calls of one turn. Some are taken together, so that their replies are ready together.</summary>
    public const int TurnLength = 4;

    /// <summary>How many lists are kept for further batches, and how large they can be.</summary>
    private const int MaxSpare = 16, MaxSpareCapacity = 1024;

    private readonly Queue<Line> _lines = new();
    private readonly Stack<List<ServerCall>> _spare = new();
    private Line _current;
    private int _left;

    /// <summary>How many calls wait.</summary>
    public int Count { get; private set; }

    /// <summary>All of them.</summary>
    public IEnumerable<ServerCall> All => _lines.Prepend(_current).SelectMany(line => line.Rest);

    /// <summary>Adds a call that came by itself.</summary>
    public void Add(ServerCall call)
    {
        Count++;
        _lines.Enqueue(new Line(call, null, 0));
    }

    /// <summary>Adds the calls of a batch. The list is then no longer the caller's.</summary>
    public void Add(List<ServerCall> calls)
    {
        Debug.Assert(calls.Count > 0, "A batch has calls.");
        Count += calls.Count;
        _lines.Enqueue(new Line(calls[0], calls, 0));
    }

    /// <summary>An empty list for the calls of a batch.</summary>
    public List<ServerCall> RentList() => _spare.TryPop(out List<ServerCall>? list) ? list : [];

    /// <summary>Takes back a list whose calls are not added after all.</summary>
    public void Return(List<ServerCall> list)
    {
        list.Clear();
        if (_spare.Count < MaxSpare && list.Capacity <= MaxSpareCapacity)
        {
            _spare.Push(list);
        }
    }

    /// <summary>Takes the call whose turn it is.</summary>
    public ServerCall Take()
    {
        Debug.Assert(Count > 0, "A call waits.");
        Count--;
        if (_left == 0)
        {
            if (!_current.IsEmpty)
            {
                _lines.Enqueue(_current);
            }

            _current = _lines.Dequeue();
            _left = TurnLength;
        }

        ServerCall call = _current.First;
        _left--;
        Advance();
        return call;
    }

    /// <summary>Moves to the next call of the current delivery. Its turn ends with its last one.</summary>
    private void Advance()
    {
        if (_current.Calls is { } calls)
        {
            int next = _current.Next + 1;
            if (next < calls.Count)
            {
                _current = new Line(calls[next], calls, next);
                return;
            }

            Return(calls);
        }

        _current = default;
        _left = 0;
    }

    /// <summary>The calls of a delivery that wait.</summary>
    /// <param name="First">The next one.</param>
    /// <param name="Calls">The calls of the batch; null for a call that came by itself.</param>
    /// <param name="Next">The position of the next one.</param>
    private readonly record struct Line(ServerCall First, List<ServerCall>? Calls, int Next)
    {
        public bool IsEmpty => First is null;

        public IEnumerable<ServerCall> Rest => IsEmpty ? [] : Calls is null ? [First] : Calls.Skip(Next);
    }
}
