using System.Collections.Immutable;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Tests.Units;

public sealed class EquatableArrayTests
{
    [Fact]
    public void Arrays_with_equal_elements_are_equal()
    {
        EquatableArray<string> one = new[] { "a", "b" }.ToEquatableArray();
        EquatableArray<string> same = new[] { "a", "b" }.ToEquatableArray();
        EquatableArray<string> other = new[] { "b", "a" }.ToEquatableArray();
        Assert.True(one.Equals(same));
        Assert.True(one.Equals((object)same));
        Assert.False(one.Equals(other));
        Assert.False(one.Equals((object)other));
        Assert.False(one.Equals("a"));
        Assert.Equal(one.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(one.GetHashCode(), other.GetHashCode());
    }

    [Fact]
    public void The_default_is_empty()
    {
        EquatableArray<string> none = default;
        Assert.Empty(none);
        Assert.True(none.Count == 0);
        Assert.True(none.Equals(new EquatableArray<string>(ImmutableArray<string>.Empty)));
        Assert.Equal(none.GetHashCode(), Array.Empty<string>().ToEquatableArray().GetHashCode());
    }

    [Fact]
    public void Elements_are_in_order()
    {
        EquatableArray<string> array = new[] { "a", "b" }.ToEquatableArray();
        Assert.Equal(2, array.Count);
        Assert.Equal("b", array[1]);
        Assert.Equal(["a", "b"], array);
    }
}
