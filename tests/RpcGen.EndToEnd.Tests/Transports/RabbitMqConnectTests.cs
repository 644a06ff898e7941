using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>Connecting, and the reasons of failures.</summary>
public sealed class RabbitMqConnectTests(PrivateRabbit broker) : TransportTest, IClassFixture<PrivateRabbit>
{
    private int Port => new Uri(broker.Url).Port;

    [Fact]
    public async Task Hosts_are_tried_in_turn()
    {
        using TcpListener silent = Listen();
        int silentPort = ((IPEndPoint)silent.LocalEndpoint).Port;

        ITransportChannel channel = await OpenAsync(
            $"amqp://localhost:1,no-such-host.invalid,127.0.0.1:{silentPort},127.0.0.1:{Port}/?connection_timeout=1000");

        await channel.DeclareQueueAsync(new QueueDeclaration("turn", QueueKind.Exclusive), Token);
    }

    [Fact]
    public async Task If_no_host_answers_each_is_named_with_its_cause()
    {
        using TcpListener silent = Listen();
        string silentHost = silent.LocalEndpoint.ToString()!;
        using TcpListener stranger = Listen();
        _ = GreetAsync(stranger, "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());

        RpcConnectionException exception = await FailAsync(
            $"amqp://me:secret@127.0.0.1:1,no-such-host.invalid,{silentHost},{stranger.LocalEndpoint}/v?connection_timeout=500");

        Assert.StartsWith($"No connection to amqp://127.0.0.1:1,no-such-host.invalid:5672,{silentHost},{stranger.LocalEndpoint}/v.", exception.Message, StringComparison.Ordinal);
        Assert.Contains(" 127.0.0.1:1: connection refused; check that RabbitMQ is running there", exception.Message, StringComparison.Ordinal);
        Assert.Contains(" no-such-host.invalid:5672: no such host", exception.Message, StringComparison.Ordinal);
        Assert.Contains($" {silentHost}: no connection within 0.5 s", exception.Message, StringComparison.Ordinal);
        Assert.Contains($" {stranger.LocalEndpoint}: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("check that this is a RabbitMQ broker's port", exception.Message, StringComparison.Ordinal);
        Assert.Equal(4, Assert.IsType<AggregateException>(exception.InnerException).InnerExceptions.Count);
    }

    [Fact]
    public async Task A_wrong_password_is_reported_but_not_shown()
    {
        RpcConnectionException exception = await FailAsync($"amqp://guest:secret@127.0.0.1:{Port}/");

        Assert.Equal(
            $"No connection to amqp://127.0.0.1:{Port}/. 127.0.0.1:{Port}: the broker refused user 'guest'; check user name and password.",
            exception.Message);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_and_a_forbidden_virtual_host_are_distinguished()
    {
        await broker.EvalAsync("rabbit_vhost:add(<<\"locked\">>, <<\"test\">>).");

        string missing = (await FailAsync($"{broker.Url}no%2fwhere")).Message;
        string locked = (await FailAsync($"{broker.Url}locked")).Message;

        Assert.Contains("the virtual host 'no/where' does not exist; check the end of the connection string or create it (rabbitmqctl add_vhost).", missing, StringComparison.Ordinal);
        Assert.Contains("user 'guest' has no access to the virtual host 'locked'; grant it (rabbitmqctl set_permissions).", locked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_to_a_port_without_TLS()
    {
        string message = (await FailAsync($"amqps://127.0.0.1:{Port}/")).Message;

        Assert.Contains($"amqps://127.0.0.1:{Port}/", message, StringComparison.Ordinal);
        Assert.Contains("TLS", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TLS_sends_the_host_name_and_refuses_untrusted_certificates()
    {
        using TcpListener listener = Listen();
        Task<string> askedFor = ServeTlsAsync(listener);

        string message = (await FailAsync($"amqps://localhost:{((IPEndPoint)listener.LocalEndpoint).Port}/")).Message;

        Assert.Equal("localhost", await askedFor.WaitAsync(Soon, Token));
        Assert.Contains("TLS failed", message, StringComparison.Ordinal);
        Assert.Contains("certificate", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_does_not_wait_for_a_silent_broker()
    {
        using TcpListener silent = Listen();
        using var cancellation = new CancellationTokenSource(200);
        ITransport transport = TransportFactory.Create($"amqp://{silent.LocalEndpoint}", new RpcConnectionOptions());

        Task attempt = transport.ConnectAsync("test", cancellation.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => attempt.WaitAsync(TimeSpan.FromSeconds(2), Token));
    }

    private static async Task<RpcConnectionException> FailAsync(string url) =>
        await Assert.ThrowsAsync<RpcConnectionException>(
            () => TransportFactory.Create(url, new RpcConnectionOptions()).ConnectAsync("test", Token));

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static async Task GreetAsync(TcpListener listener, byte[] greeting)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync(Token);
        await client.GetStream().WriteAsync(greeting, Token);
        await client.GetStream().ReadAtLeastAsync(new byte[1000], 1000, throwOnEndOfStream: false, Token);
    }

    /// <summary>Answers a TLS handshake with an untrusted certificate.</summary>
    /// <returns>The server name that the client asked for.</returns>
    private static async Task<string> ServeTlsAsync(TcpListener listener)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using TcpClient client = await listener.AcceptTcpClientAsync(Token);
        await using var stream = new SslStream(client.GetStream());
        string name = "";
        try
        {
            await stream.AuthenticateAsServerAsync(
                (_, hello, _, _) =>
                {
                    name = hello.ServerName;
                    return ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = certificate });
                },
                null,
                Token);
            await stream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, Token);
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client closed the connection, as expected.
        }

        return name;
    }
}
