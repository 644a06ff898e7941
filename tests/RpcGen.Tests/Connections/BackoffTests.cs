using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Connections;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(0UL, 0.5)]
    [InlineData(1UL << 63, 0.75)]
    [InlineData(ulong.MaxValue, 1.0)]
    public void Delays_double_up_to_three_seconds_less_a_random_part(ulong bits, double part)
    {
        var backoff = new Backoff(new FixedRandom(bits));

        double[] delays = [.. Enumerable.Range(0, 7).Select(_ => backoff.Next().TotalMilliseconds)];

        double[] expected = [.. new double[] { 100, 200, 400, 800, 1600, 3000, 3000 }.Select(delay => delay * part)];
        Assert.Equal(expected, delays, (one, other) => Math.Abs(one - other) < 0.001);
    }

    [Fact]
    public void Each_delay_is_random()
    {
        var backoff = new Backoff(SystemRandomSource.Instance);
        TimeSpan[] delays = [.. Enumerable.Range(0, 30).Select(_ => backoff.Next())];

        Assert.NotEqual(1, delays[10..].Distinct().Count());
        Assert.All(delays[10..], delay => Assert.InRange(delay, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void Reset_starts_again_with_the_first_delay()
    {
        var backoff = new Backoff(new FixedRandom(ulong.MaxValue));
        backoff.Next();
        backoff.Next();

        backoff.Reset();

        Assert.Equal(Backoff.First.TotalMilliseconds, backoff.Next().TotalMilliseconds, 0.001);
    }
}
