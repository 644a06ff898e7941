using System.Runtime.CompilerServices;
using RpcGen.Runtime;

namespace RpcGen.Tests.Runtime;

public sealed class WeakTableTests
{
    private readonly WeakTable<int, object> _table = new();

    [Fact]
    public void A_value_that_is_used_is_shared()
    {
        object value = Get(1);

        Assert.Same(value, Get(1));
        Assert.NotSame(value, Get(2));
        GC.KeepAlive(value);
    }

    [Fact]
    public void Entries_without_users_are_removed_before_a_table_grows_beyond_the_mark()
    {
        for (int round = 0; round < 4; round++)
        {
            AddUnused(from: round * SweepMark.Least, SweepMark.Least);
            GC.Collect();
        }

        AddUnused(from: 1_000, 1);
        Assert.InRange(CountEntries(), 1, SweepMark.Least);
    }

    [Fact]
    public void The_mark_is_twice_what_was_left()
    {
        object[] used = [.. Enumerable.Range(0, 100).Select(Get)];
        Assert.Equal(100, _table.Count); // searches the table: the next search is at 200
        AddUnused(from: 1_000, 99);
        GC.Collect();

        AddUnused(from: 2_000, 1);
        Assert.Equal(200, CountEntries());
        AddUnused(from: 3_000, 1);
        Assert.InRange(CountEntries(), 101, 102); // the entry before it may not have been collected yet
        GC.KeepAlive(used);
    }

    [Theory]
    [InlineData(0, SweepMark.Least - 1, false)]
    [InlineData(0, SweepMark.Least, true)]
    [InlineData(SweepMark.Least, (2 * SweepMark.Least) - 1, false)]
    [InlineData(SweepMark.Least, 2 * SweepMark.Least, true)]
    [InlineData(1, SweepMark.Least, true)]
    public void A_table_is_searched_when_it_is_twice_as_large_as_after_the_last_search(int left, int count, bool isReached)
    {
        var mark = default(SweepMark);
        mark.Set(left);

        Assert.Equal(isReached, mark.IsReached(count));
    }

    private object Get(int key) => _table.GetOrAdd(key, static (_, _) => new object(), 0);

    /// <summary>Not inlined: otherwise the values can live as long as the caller's frame.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddUnused(int from, int count)
    {
        for (int key = from; key < from + count; key++)
        {
            Get(key);
        }
    }

    /// <summary>Counts without a search, unlike <see cref="WeakTable{TKey, TValue}.Count"/>.</summary>
    private int CountEntries() => Inside<int, object>.EntriesOf(_table).Count;

    /// <summary>An accessor of a generic type's field must be in a type with the same parameters.</summary>
    private static class Inside<TKey, TValue>
        where TKey : notnull
        where TValue : class
    {
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_entries")]
        public static extern ref Dictionary<TKey, WeakReference<TValue>> EntriesOf(WeakTable<TKey, TValue> table);
    }
}
