using System.Net;
using System.Net.Sockets;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Brokers that take the login but not the connection, and addresses with no broker behind them.</summary>
public sealed class RefusalTests(PrivateRabbit broker) : FailureTest(broker), IClassFixture<PrivateRabbit>
{
    private int Port => new Uri(broker.Url).Port;

    [Fact]
    public async Task A_virtual_host_with_too_many_connections_is_named()
    {
        await broker.EvalAsync(
            "rabbit_vhost:add(<<\"small\">>, <<\"test\">>), rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, <<\"small\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>), " +
            "rabbit_vhost_limit:parse_set(<<\"small\">>, <<\"{\\\"max-connections\\\": 0}\">>, <<\"test\">>).");

        string message = await FailAsync($"{broker.Url}small");

        Assert.Contains("the virtual host 'small' has reached its maximum number of connections; close some or raise its limit (rabbitmqctl set_vhost_limits -p small '{\"max-connections\": …}')", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_with_too_many_connections_or_channels_is_named()
    {
        await broker.EvalAsync(
            "[begin rabbit_auth_backend_internal:add_user(U, <<\"p\">>, <<\"test\">>), rabbit_auth_backend_internal:set_permissions(U, <<\"/\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>), " +
            "rabbit_auth_backend_internal:set_user_limits(U, L, <<\"test\">>) end || {U, L} <- [{<<\"bob\">>, <<\"{\\\"max-connections\\\": 0}\">>}, {<<\"eve\">>, <<\"{\\\"max-channels\\\": 0}\">>}]].");

        string connections = await FailAsync($"amqp://bob:p@localhost:{Port}/");
        string channels = await FailAsync($"amqp://eve:p@localhost:{Port}/");

        Assert.Contains("user 'bob' has reached its maximum number of connections; close some or raise its limit (rabbitmqctl set_user_limits bob '{\"max-connections\": …}')", connections, StringComparison.Ordinal);
        Assert.Contains("user 'eve' has reached its maximum number of channels; raise its limit (rabbitmqctl set_user_limits eve '{\"max-channels\": …}')", channels, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_and_a_forbidden_virtual_host_are_named()
    {
        await broker.EvalAsync("rabbit_vhost:add(<<\"closed\">>, <<\"test\">>).");

        Assert.Contains("the virtual host 'nowhere' does not exist; check the end of the connection string", await FailAsync($"{broker.Url}nowhere"), StringComparison.Ordinal);
        Assert.Contains("user 'guest' has no access to the virtual host 'closed'; grant it", await FailAsync($"{broker.Url}closed"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_load_balancer_without_a_broker_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task closing = CloseNextAsync(listener);

        string message = await FailAsync($"amqp://{listener.LocalEndpoint}/");

        await closing;
        Assert.Contains("the connection was accepted and closed at once, before the broker sent anything; a load balancer does this if none of its brokers is reachable", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HAProxy_without_a_broker_is_named()
    {
        Assert.SkipWhen(LoadBalancer.Obstacle is not null, LoadBalancer.Obstacle ?? "");
        await using LoadBalancer balancer = await LoadBalancer.StartAsync();

        for (int attempt = 0; attempt < 5; attempt++) // before and after its first check of the broker
        {
            string message = await FailAsync($"{(attempt % 2 == 0 ? "amqp" : "amqps")}://127.0.0.1:{balancer.Port}/");
            Assert.Contains("a load balancer does this if none of its brokers is reachable, and a broker that is starting or stopping: check the brokers behind this address", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Another_protocol_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = AnswerNextAsync(listener, "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());

        Assert.Contains("an HTTP server answers; check that this is a RabbitMQ broker's port for AMQP", await FailAsync($"amqp://{listener.LocalEndpoint}/"), StringComparison.Ordinal);
    }

    private static async Task<string> FailAsync(string address) =>
        (await Assert.ThrowsAsync<RpcConnectionException>(() => RpcConnection.ConnectAsync(address, Cancel).OrFail())).Message;

    private static async Task CloseNextAsync(TcpListener listener)
    {
        using Socket socket = await listener.AcceptSocketAsync(Cancel);
    }

    private static async Task AnswerNextAsync(TcpListener listener, byte[] answer)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync(Cancel);
        await client.GetStream().WriteAsync(answer, Cancel);
        await client.GetStream().ReadAtLeastAsync(new byte[1000], 1000, throwOnEndOfStream: false, Cancel);
    }
}
