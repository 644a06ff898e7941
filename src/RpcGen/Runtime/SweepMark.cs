namespace RpcGen.Runtime;

/// <summary>
/// When a table is searched for entries that nobody needs any more: when it has twice as many as after the last search. Thus the
/// cost of an entry is constant, and a table is at most twice as large as what is needed.
/// </summary>
internal struct SweepMark
{
    /// <summary>Smaller tables are not searched.</summary>
    public const int Least = 64;

    private int _left;

    /// <summary>Whether the table is to be searched now.</summary>
    public readonly bool IsReached(int count) => count >= Math.Max(Least, 2 * _left);

    /// <summary>Notes that it was searched.</summary>
    /// <param name="left">How many entries are left.</param>
    public void Set(int left) => _left = left;
}
