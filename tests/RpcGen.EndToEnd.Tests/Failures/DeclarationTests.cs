using System.Globalization;
using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>A broker that does not permit queues that are neither durable nor exclusive, if it can deny them.</summary>
public sealed class DenyingRabbit : RabbitNode
{
    protected override IEnumerable<string> StartArguments => ["--rabbit", "{permit_deprecated_features, #{transient_nonexcl_queues => false}}"];
}

/// <summary>Queues and exchanges that the broker does not let a server or client declare.</summary>
public sealed class DeclarationTests(DenyingRabbit broker) : FailureTest(broker), IClassFixture<DenyingRabbit>
{
    [Theory]
    [InlineData("quorum", "its x-queue-type is 'quorum' instead of 'classic'. Set QueueType to Quorum, or serve the queue as it is (RpcServerOptions.UseExistingQueue)")]
    [InlineData("x-max-priority", "its x-max-priority is '5' instead of none. Set MaxPriority to 5, or")]
    [InlineData("x-message-ttl", "its x-message-ttl is '60000' instead of none. Set message-ttl by a policy instead of an argument of the queue, or")]
    [InlineData("auto_delete", "its auto_delete is 'true' instead of 'false'. To continue, serve")]
    public async Task A_queue_that_exists_otherwise_is_named_with_the_property(string difference, string expected)
    {
        var arguments = new Dictionary<string, object?> { ["x-queue-type"] = difference == "quorum" ? "quorum" : "classic" };
        if (difference.StartsWith("x-", StringComparison.Ordinal))
        {
            arguments[difference] = difference == "x-max-priority" ? 5 : 60_000;
        }

        await DeclareAsync(Queue, arguments, autoDelete: difference == "auto_delete");

        RpcConnectionException failure = await Assert.ThrowsAsync<RpcConnectionException>(() => ServeEchoAsync());

        Assert.Contains($"the queue '{Queue}' exists, and {expected}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("The broker says: PRECONDITION_FAILED", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    [Fact]
    public async Task A_queue_that_is_durable_is_named_to_a_server_that_wants_another()
    {
        await DeclareAsync(Queue, new Dictionary<string, object?>());

        RpcConnectionException failure = await Assert.ThrowsAsync<RpcConnectionException>(() => ServeEchoAsync(RpcQueueType.NonDurable));

        Assert.Contains($"the queue '{Queue}' exists, and its durable is 'true' instead of 'false'. Set QueueType to Classic or Quorum, or", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exchange_that_exists_otherwise_is_named()
    {
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(broker.Url) }.CreateConnectionAsync(Cancel);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.ExchangeDeclareAsync($"{Queue}.cancel", ExchangeType.Topic, autoDelete: true, cancellationToken: Cancel);

        RpcConnectionException failure = await Assert.ThrowsAsync<RpcConnectionException>(() => ServeEchoAsync());

        Assert.Contains($"the exchange '{Queue}.cancel' exists, and its type is 'topic' instead of 'fanout'. Delete the exchange, or choose another Queue.", failure.Message, StringComparison.Ordinal);
        await channel.ExchangeDeleteAsync($"{Queue}.cancel", cancellationToken: Cancel);
    }

    [Fact]
    public async Task A_virtual_host_with_too_many_queues_is_named_to_servers_and_clients()
    {
        const string remedy = "the virtual host 'few' has reached its maximum number of queues (1); delete some or raise its limit (rabbitmqctl set_vhost_limits -p few '{\"max-queues\": …}')";
        await broker.EvalAsync(
            "rabbit_vhost:add(<<\"few\">>, <<\"test\">>), rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, <<\"few\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>), " +
            "rabbit_vhost_limit:parse_set(<<\"few\">>, <<\"{\\\"max-queues\\\": 1}\">>, <<\"test\">>).");
        await using RpcConnection first = await RpcConnection.ConnectAsync($"{broker.Url}few", Cancel).OrFail();

        RpcConnectionException server = await Assert.ThrowsAsync<RpcConnectionException>(() => first.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel).OrFail());
        RpcConnectionException client = await Assert.ThrowsAsync<RpcConnectionException>(() => RpcConnection.ConnectAsync($"{broker.Url}few", Cancel).OrFail());

        Assert.Contains(remedy, server.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, client.Message, StringComparison.Ordinal);
        Assert.True(server.IsTransient);
    }

    [Fact]
    public async Task A_deprecated_feature_that_is_denied_is_named()
    {
        string version = (await broker.EvalAsync("rabbit_misc:version().")).Trim('"', ' ', '\n');
        Assert.SkipWhen(int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture) < 4, $"RabbitMQ {version} cannot deny features.");

        RpcConnectionException failure = await Assert.ThrowsAsync<RpcConnectionException>(() => ServeEchoAsync(RpcQueueType.NonDurable));

        Assert.Contains("the broker does not permit queues that are neither durable nor exclusive; set another QueueType than NonDurable", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsTransient);
    }

    private Task<RpcServer> ServeEchoAsync(RpcQueueType type = RpcQueueType.Classic) =>
        ServeAsync((text, _) => Task.FromResult(text), new RpcServerOptions(ServerOptions) { QueueType = type }).OrFail();

    private async Task DeclareAsync(string queue, Dictionary<string, object?> arguments, bool autoDelete = false)
    {
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(broker.Url) }.CreateConnectionAsync(Cancel);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete, arguments, cancellationToken: Cancel);
    }
}
