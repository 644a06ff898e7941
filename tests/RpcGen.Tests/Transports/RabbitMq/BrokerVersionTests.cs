using System.Text;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class BrokerVersionTests
{
    [Theory]
    [InlineData("3.10.8", false)]
    [InlineData("3.13.7", false)]
    [InlineData("4.0.5", true)]
    [InlineData("4.2.0-rc.1", true)]
    [InlineData("10.0.0+git", true)]
    [InlineData("trunk", false)]
    public void Redeliveries_are_marked_from_version_4_on(string version, bool marks) =>
        Assert.Equal(marks, BrokerVersion.MarksEachRedelivery(new Dictionary<string, object?> { ["version"] = Encoding.UTF8.GetBytes(version) }));

    [Fact]
    public void A_broker_that_does_not_tell_its_version_might_not_mark_them()
    {
        Assert.False(BrokerVersion.MarksEachRedelivery(null));
        Assert.False(BrokerVersion.MarksEachRedelivery(new Dictionary<string, object?>()));
        Assert.False(BrokerVersion.MarksEachRedelivery(new Dictionary<string, object?> { ["version"] = 4 }));
    }
}
