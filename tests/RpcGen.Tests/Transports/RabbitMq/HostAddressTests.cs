using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using RpcGen.Runtime;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Names with several addresses, such as headless services of Kubernetes.</summary>
public sealed class HostAddressTests : FakeBrokerTest
{
    private static readonly IPAddress Nobody = IPAddress.Parse("127.0.0.2");
    private readonly List<string> _lookedUp = [];

    [Fact]
    public async Task All_addresses_of_a_name_are_tried_and_the_one_in_use_is_known()
    {
        RabbitMqTransport transport = Create(StartBroker().Port, Nobody, IPAddress.IPv6Loopback, IPAddress.Loopback);

        await using ITransportConnection connection = await transport.ConnectAsync("test", Cancel).WaitAsync(Bounds.Soon, Cancel);

        Assert.Equal(IPAddress.Loopback, connection.Peer!.Address);
        Assert.EndsWith(" (127.0.0.1)", connection.Node, StringComparison.Ordinal);
        Assert.StartsWith("rabbit.test:", connection.Node, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_looked_up_for_each_attempt()
    {
        var addresses = new List<IPAddress> { Nobody };
        FakeBroker broker = StartBroker();
        RabbitMqTransport transport = Create(broker.Port, _ => [.. addresses]);

        await Assert.ThrowsAsync<RpcConnectionException>(() => transport.ConnectAsync("test", Cancel));
        addresses[0] = IPAddress.Loopback; // the node has moved
        await (await transport.ConnectAsync("test", Cancel)).DisposeAsync();

        Assert.Equal(["rabbit.test", "rabbit.test"], _lookedUp);
    }

    [Fact]
    public async Task An_address_that_hangs_costs_its_time_limit_once()
    {
        FakeBroker broker = StartBroker();
        using var silent = new TcpListener(Nobody, broker.Port);
        silent.Start();
        RabbitMqTransport transport = Create(broker.Port, Nobody, IPAddress.Loopback);

        for (int i = 0; i < 5; i++)
        {
            await (await transport.ConnectAsync("test", Cancel).WaitAsync(Bounds.Soon, Cancel)).DisposeAsync();
        }

        using Socket once = await silent.AcceptSocketAsync(Cancel);
        Assert.False(silent.Pending());
    }

    [Fact]
    public async Task Failures_name_each_address()
    {
        RabbitMqTransport transport = Create(1, Nobody, IPAddress.Loopback);

        string message = (await Assert.ThrowsAsync<RpcConnectionException>(() => transport.ConnectAsync("test", Cancel))).Message;

        Assert.Contains(" rabbit.test:1 (127.0.0.2): connection refused", message, StringComparison.Ordinal);
        Assert.Contains(" rabbit.test:1 (127.0.0.1): connection refused", message, StringComparison.Ordinal);
    }

    private RabbitMqTransport Create(int port, params IPAddress[] addresses) => Create(port, _ => addresses);

    private RabbitMqTransport Create(int port, Func<string, IPAddress[]> lookUp)
    {
        var options = new RpcConnectionOptions { HostSelection = RpcHostSelection.InOrder, ConnectTimeout = TimeSpan.FromSeconds(3) };
        var environment = new RpcEnvironment(TimeProvider.System, SystemRandomSource.Instance, NullLogger.Instance);
        return new RabbitMqTransport(
            () => TransportFactory.CreateSettings($"amqp://rabbit.test:{port}", options), environment, address => new ConnectionLog(address, "", environment))
        {
            LookUp = (name, _) =>
            {
                _lookedUp.Add(name);
                return Task.FromResult(lookUp(name));
            },
        };
    }
}
