using RpcGen.Client.Calls;

namespace RpcGen.Tests.Client.Calls;

public sealed class BoundedPoolTests
{
    [Fact]
    public void An_empty_pool_gives_nothing()
    {
        Assert.False(new BoundedPool<string>(1).TryTake(out string? item));
        Assert.Null(item);
    }

    [Fact]
    public void The_pool_keeps_as_many_as_it_has_room_for_and_one_more()
    {
        var pool = new BoundedPool<string>(2);

        Assert.True(pool.TryReturn("a"));
        Assert.True(pool.TryReturn("b"));
        Assert.True(pool.TryReturn("c"));
        Assert.False(pool.TryReturn("d"));
        Assert.False(pool.TryReturn("e"));

        Assert.Equal(["a", "b", "c"], [Take(pool), Take(pool), Take(pool)]);
        Assert.False(pool.TryTake(out _));
    }

    [Fact]
    public void What_was_taken_makes_room()
    {
        var pool = new BoundedPool<string>(1);
        for (int round = 0; round < 3; round++)
        {
            Assert.True(pool.TryReturn("a"));
            Assert.True(pool.TryReturn("b"));
            Assert.False(pool.TryReturn("c"));
            Assert.Equal("a", Take(pool));
            Assert.Equal("b", Take(pool));
        }
    }

    private static string? Take(BoundedPool<string> pool) => pool.TryTake(out string? item) ? item : null;
}
