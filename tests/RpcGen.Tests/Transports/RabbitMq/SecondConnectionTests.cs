using System.Net;
using System.Net.Sockets;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>What counts as a sign of life on a second connection.</summary>
public sealed class SecondConnectionTests
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Octets_are()
    {
        Task<bool> answered = StartAsync(Cancel);
        using Socket broker = await AcceptAsync();
        byte[] header = new byte[8];
        await new NetworkStream(broker).ReadExactlyAsync(header, Cancel);

        await broker.SendAsync(new byte[] { 1, 0, 0, 0, 0, 0, 0, 0xCE }, Cancel); // an empty method frame

        Assert.Equal("AMQP\0\0\u0009\u0001"u8.ToArray(), header);
        Assert.True(await answered.WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact]
    public async Task A_refusal_is()
    {
        _listener.Start();
        int port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _listener.Stop();

        Assert.True(await IsAnsweredAsync(port, Cancel).WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact]
    public async Task A_close_is()
    {
        Task<bool> answered = StartAsync(Cancel);

        (await AcceptAsync()).Dispose();

        Assert.True(await answered.WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact]
    public async Task An_accepted_connection_alone_is_not()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<bool> answered = StartAsync(end.Token);
        using Socket broker = await AcceptAsync();
        await new NetworkStream(broker).ReadExactlyAsync(new byte[8], Cancel);
        Assert.False(answered.IsCompleted);

        await end.CancelAsync();

        Assert.False(await answered.WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact]
    public async Task An_end_of_the_wait_is_not_even_before_it_began()
    {
        _listener.Start();

        Assert.False(await IsAnsweredAsync(((IPEndPoint)_listener.LocalEndpoint).Port, new CancellationToken(canceled: true)));

        _listener.Stop();
    }

    private Task<bool> StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return IsAnsweredAsync(((IPEndPoint)_listener.LocalEndpoint).Port, cancellationToken);
    }

    private async Task<Socket> AcceptAsync()
    {
        Socket accepted = await _listener.AcceptSocketAsync(Cancel).AsTask().WaitAsync(Bounds.Soon, Cancel);
        _listener.Stop();
        return accepted;
    }

    private static Task<bool> IsAnsweredAsync(int port, CancellationToken cancellationToken)
    {
        var settings = new RabbitMqSettings { Address = BrokerAddress.Parse($"amqp://127.0.0.1:{port}") };
        return new SecondConnection(settings, new BrokerHost("127.0.0.1", port), IPAddress.Loopback).IsAnsweredAsync(cancellationToken);
    }
}
