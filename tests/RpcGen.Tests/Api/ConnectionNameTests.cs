using RpcGen.Runtime;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Api;

/// <summary>What operators see of an application in the broker's list of connections.</summary>
public sealed class ConnectionNameTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("shop")]
    public async Task Connections_are_named_after_the_process(string? name)
    {
        var transport = new NamedTransport();
        await using RpcConnection connection = await RpcConnection.ConnectAsync(transport, new RpcConnectionOptions { ConnectionName = name }, SystemRandomSource.Instance, TestContext.Current.CancellationToken);
        Assert.StartsWith(name ?? $"{AppDomain.CurrentDomain.FriendlyName}@{Environment.MachineName}:{Environment.ProcessId}", Assert.Single(transport.Names), StringComparison.Ordinal);
        Assert.Equal(name is null, transport.Names[0].Contains($":{Environment.ProcessId}", StringComparison.Ordinal));
    }

    [Fact]
    public void An_application_is_told_from_its_other_processes() =>
        Assert.Equal($"shop@{Environment.MachineName}:{Environment.ProcessId}", RpcConnection.NameOf("shop"));

    private sealed class NamedTransport : ITransport
    {
        private readonly InMemoryTransport _broker = new(Guid.NewGuid().ToString(), TimeProvider.System);

        public List<string> Names { get; } = [];

        public string Address => _broker.Address;

        public string UserName => _broker.UserName;

        public Task<ITransportConnection> ConnectAsync(string name, CancellationToken cancellationToken)
        {
            Names.Add(name);
            return _broker.ConnectAsync(name, cancellationToken);
        }
    }
}
