using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Connections;

/// <summary>Connecting and serving fail.</summary>
public sealed class ConnectTests(SharedRabbit broker) : FailureTest(broker)
{
    [Fact]
    public async Task Unreachable_hosts_are_named_with_their_causes()
    {
        var failed = await Assert.ThrowsAsync<RpcConnectionException>(() => RpcConnection.ConnectAsync("amqp://secret:word@127.0.0.1:1,no-such-host.invalid:2/", Cancel).OrFail());

        Assert.Contains("127.0.0.1:1", failed.Message, StringComparison.Ordinal);
        Assert.Contains("no-such-host.invalid:2", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("word", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_host_is_tried()
    {
        var uri = new Uri(Broker.Url);
        await using RpcConnection connection = await RpcConnection.ConnectAsync($"amqp://{uri.UserInfo}@127.0.0.1:1,{uri.Host}:{uri.Port}{uri.AbsolutePath}", Cancel).OrFail();

        await using RpcServer server = await connection.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        Assert.Equal("x", await connection.CreateClient<ITroublemaker>(ClientOptions).DoAsync("x", Cancel).OrFail());
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("http://localhost")]
    [InlineData("amqp://localhost:port")]
    public async Task An_invalid_connection_string_is_refused(string connectionString) =>
        await Assert.ThrowsAsync<ArgumentException>(() => RpcConnection.ConnectAsync(connectionString, Cancel));

    [Fact]
    public async Task A_wrong_password_is_reported()
    {
        var uri = new Uri(Broker.Url);

        var failed = await Assert.ThrowsAsync<RpcConnectionException>(() => RpcConnection.ConnectAsync($"amqp://guest:wrong@{uri.Host}:{uri.Port}/", Cancel).OrFail());

        Assert.Contains("check user name and password", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serving_a_queue_that_exists_with_other_properties_fails_and_names_the_remedy()
    {
        await ServeAsync((text, _) => Task.FromResult(text));

        var conflict = await Assert.ThrowsAsync<RpcConnectionException>(() => ServeAsync((text, _) => Task.FromResult(text), new RpcServerOptions(ServerOptions) { QueueType = RpcQueueType.NonDurable }).OrFail());

        Assert.Contains($"'{Queue}' (not durable, not exclusive)", conflict.Message, StringComparison.Ordinal);
        Assert.Contains("inequivalent arg 'durable'", conflict.Message, StringComparison.Ordinal);
        Assert.Contains("UseExistingQueue", conflict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_existing_queue_is_served_unchanged()
    {
        var missing = await Assert.ThrowsAsync<RpcUnavailableException>(() => ServeAsync((text, _) => Task.FromResult(text), new RpcServerOptions(ServerOptions) { UseExistingQueue = true }).OrFail());
        Assert.Equal(Queue, missing.Queue);

        await ServeAsync((text, _) => Task.FromResult(text), new RpcServerOptions(ServerOptions) { QueueType = RpcQueueType.Quorum });
        await ServeAsync((text, _) => Task.FromResult(text), new RpcServerOptions(ServerOptions) { UseExistingQueue = true });
        Assert.Equal("x", await (await CreateClientAsync()).DoAsync("x", Cancel).OrFail());
    }

    [Fact]
    public async Task Invalid_options_are_refused_by_name()
    {
        RpcConnection connection = await ConnectAsync();
        var service = new Troublemaker((text, _) => Task.FromResult(text));

        Assert.Throws<ArgumentException>("Queue", () => connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = "amq.x" }));
        Assert.Throws<ArgumentException>("Queue", () => connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = "" }));
        Assert.Throws<ArgumentOutOfRangeException>("Timeout", () => connection.CreateClient<ITroublemaker>(new RpcClientOptions { Timeout = TimeSpan.Zero }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("MaxConcurrentCalls", () => connection.ServeAsync<ITroublemaker>(service, new RpcServerOptions { MaxConcurrentCalls = 0 }, Cancel));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("GracePeriod", () => connection.ServeAsync<ITroublemaker>(service, new RpcServerOptions { GracePeriod = TimeSpan.FromSeconds(-1) }, Cancel));
    }
}
