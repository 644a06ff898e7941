using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Tests.Protocol;

/// <summary>What the messages about a missing permission name.</summary>
public sealed class PermissionRefusalTests
{
    [Theory]
    [InlineData("ada", "user 'ada'", "ada")]
    [InlineData("", "the connection's user", "USER")]
    public void The_user_is_named_if_it_is_known(string user, string name, string argument)
    {
        string publish = PermissionRefusals.DescribePublish("the broker", user, exchange: "", "why");
        string other = PermissionRefusals.Describe("It failed", "the broker", user, new TransportRefusedException(AmqpReplyCodes.AccessRefused, "why"));

        Assert.StartsWith($"the broker does not let {name} write to exchange 'amq.default' (why). ", publish, StringComparison.Ordinal);
        Assert.StartsWith($"It failed: the broker refused it to {name} (", other, StringComparison.Ordinal);
        Assert.All([publish, other], message => Assert.Contains($"'rabbitmqctl set_permissions {argument} CONFIGURE WRITE READ'", message, StringComparison.Ordinal));
    }
}
