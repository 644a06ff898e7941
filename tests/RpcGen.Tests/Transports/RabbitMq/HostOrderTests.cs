using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Runtime;
using RpcGen.Tests.Support;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class HostOrderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly HostOrder _order;

    public HostOrderTests() => _order = new HostOrder(new RpcEnvironment(_time, SystemRandomSource.Instance, NullLogger.Instance));

    [Fact]
    public void In_order_means_as_written() => Assert.Equal("abc", InOrder());

    [Fact]
    public void At_random_each_comes_first_about_equally_often_and_none_is_lost()
    {
        Dictionary<char, int> first = [];
        for (int i = 0; i < 3000; i++)
        {
            string arranged = string.Concat(_order.Arrange("abc", isRandom: true));
            Assert.Equal("abc", string.Concat(arranged.Order()));
            first[arranged[0]] = first.GetValueOrDefault(arranged[0]) + 1;
        }

        Assert.All(first.Values, count => Assert.InRange(count, 700, 1300)); // twelve standard deviations around 1,000
        Assert.Equal(3, first.Count);
    }

    [Fact]
    public void The_same_random_bits_give_the_same_order()
    {
        string Arrange() => string.Concat(new HostOrder(new RpcEnvironment(_time, new FixedRandom(0), NullLogger.Instance)).Arrange("abc", isRandom: true));

        Assert.Equal(Arrange(), Arrange());
        Assert.NotEqual("abc", Arrange());
    }

    [Fact]
    public void What_has_failed_comes_last_the_latest_failure_at_the_end()
    {
        _order.OnFailed('b', hangs: false);
        _time.Advance(TimeSpan.FromSeconds(1));
        _order.OnFailed('a', hangs: false);

        Assert.Equal("cba", InOrder());
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal("cba", string.Concat(_order.Arrange("abc", isRandom: true))));
    }

    [Fact]
    public void What_hangs_comes_after_what_has_only_failed()
    {
        _order.OnFailed('a', hangs: true);
        _time.Advance(TimeSpan.FromSeconds(1));
        _order.OnFailed('b', hangs: false);

        Assert.Equal("cba", InOrder());
    }

    [Fact]
    public void A_failure_is_forgotten_after_a_while()
    {
        _order.OnFailed('a', hangs: false);

        _time.Advance(HostOrder.Memory);
        Assert.Equal("bca", InOrder());
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("abc", InOrder());
    }

    [Fact]
    public void A_success_ends_a_failure()
    {
        _order.OnFailed('a', hangs: false);
        _order.OnConnected('a');

        Assert.Equal("abc", InOrder());
    }

    private string InOrder() => string.Concat(_order.Arrange("abc", isRandom: false));
}
