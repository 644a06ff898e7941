using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>The documented permissions for services with an exchange of their own: a caller of one service, and a server that calls nobody.</summary>
public sealed class OwnExchangePermissionTests(PrivateRabbit broker) : AttackTest(broker), IClassFixture<PrivateRabbit>
{
    private const string Replies = "rpc.replies";

    private string Other => Queue + "x";

    private RpcServerOptions OwnServerOptions => new(ServerOptions) { Exchange = Queue + ".requests" };

    private RpcClientOptions OwnClientOptions => new(ClientOptions) { Exchange = Queue + ".requests" };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await using IConnection operators = await new ConnectionFactory { Uri = new Uri(Node.Url) }.CreateConnectionAsync(Cancel);
        await using IChannel channel = await operators.CreateChannelAsync(cancellationToken: Cancel);
        await channel.ExchangeDeclareAsync(Replies, ExchangeType.Direct, durable: true, cancellationToken: Cancel);
    }

    [Fact]
    public async Task A_caller_of_one_service_can_call_it_and_no_other()
    {
        await using RpcConnection serving = await ConnectAsUserAsync("inventory-server");
        var couriers = new Courier();
        await serving.ServeAsync<ICourier>(couriers, OwnServerOptions, Cancel);
        (Courier others, Neighbours neighboursOfOther) = await ServeCourierAsync(Other, Other + ".requests");
        await using RpcConnection calling = await ConnectAsUserAsync("inventory-caller");
        Neighbours neighbours = await Neighbours.StartAsync((await ConnectAsync(new RpcConnectionOptions { ReplyExchange = Replies })).CreateClient<ICourier>(OwnClientOptions));
        ICourier allowed = calling.CreateClient<ICourier>(OwnClientOptions);
        ICourier[] forbidden =
        [
            calling.CreateClient<ICourier>(ClientOptions),
            calling.CreateClient<ICourier>(new RpcClientOptions { Queue = Other }),
            calling.CreateClient<ICourier>(new RpcClientOptions { Queue = Other, Exchange = Other + ".requests" }),
        ];

        Assert.Equal("a", await allowed.AskAsync("a", Cancel).OrFail());
        await allowed.SendAsync("b", Cancel).OrFail();
        await allowed.AnnounceAsync("c", Cancel).OrFail();
        Assert.NotNull(await calling.PingAsync(Queue, Cancel).OrFail());
        foreach (ICourier client in forbidden)
        {
            Task<string> meanwhile = allowed.AskAsync("d", Cancel);
            await IsRefusedAsync(() => client.AskAsync("no", Cancel));
            await IsRefusedAsync(() => client.SendAsync("no", Cancel));
            Assert.Equal("d", await meanwhile.OrFail());
        }

        await IsRefusedAsync(() => forbidden[1].AnnounceAsync("no", Cancel));
        await IsRefusedAsync(() => calling.PingAsync(Other, Cancel));
        await neighbours.StopAsync();
        await neighboursOfOther.StopAsync();
        Assert.DoesNotContain("no", others.Got);
        Assert.DoesNotContain("no", couriers.Got);
        Assert.Equal(0, Log.Count(1)); // no channel of calls was closed
    }

    [Fact]
    public async Task A_server_of_one_service_can_call_nobody()
    {
        await using RpcConnection serving = await ConnectAsUserAsync("inventory-server");
        await serving.ServeAsync<ICourier>(new Courier(), OwnServerOptions, Cancel);
        (Courier others, Neighbours neighbours) = await ServeCourierAsync(Other, Other + ".requests");

        foreach (RpcClientOptions options in (RpcClientOptions[])[new() { Queue = Other }, new() { Queue = Other, Exchange = Other + ".requests" }])
        {
            ICourier client = serving.CreateClient<ICourier>(options);
            await IsRefusedAsync(() => client.AskAsync("no", Cancel));
            await IsRefusedAsync(() => client.SendAsync("no", Cancel));
            await IsRefusedAsync(() => client.AnnounceAsync("no", Cancel));
        }

        await neighbours.StopAsync();
        Assert.DoesNotContain("no", others.Got);
    }

    [Theory]
    [InlineData("inventory-caller")]
    [InlineData("inventory-server")]
    public async Task Neither_can_reach_another_queue_by_raw_AMQP(string role)
    {
        IConnection attacker = await AttackAsync(role);
        await using (IChannel victim = await attacker.CreateChannelAsync(cancellationToken: Cancel))
        {
            await victim.QueueDeclareAsync("rpc.cb.0123456789abcdef", durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancel);
        }

        (_, Neighbours neighbours) = await ServeCourierAsync(Other, Other + ".requests");

        await IsRefusedAsync(attacker, channel => PublishAsync(channel, "", Other));
        await IsRefusedAsync(attacker, channel => PublishAsync(channel, Other + ".requests", Other));
        await IsRefusedAsync(attacker, channel => PublishAsync(channel, Other + ".cancel", ""));
        await IsRefusedAsync(attacker, channel => channel.QueueBindAsync(Other, Replies, Other, cancellationToken: Cancel));
        await IsRefusedAsync(attacker, channel => channel.QueueBindAsync("rpc.cb.0123456789abcdef", Other + ".requests", Other, cancellationToken: Cancel));
        await IsRefusedAsync(attacker, channel => channel.BasicGetAsync(Other, autoAck: false, cancellationToken: Cancel));
        await IsRefusedAsync(attacker, channel => channel.ExchangeDeclareAsync(Other + ".mine", ExchangeType.Fanout, cancellationToken: Cancel));
        await IsRefusedAsync(attacker, channel => channel.ExchangeDeleteAsync(Replies, cancellationToken: Cancel));
        await neighbours.StopAsync();
    }

    private async Task<RpcConnection> ConnectAsUserAsync(string role) => await RpcConnection.ConnectAsync(
        await AddUserAsync(UserName(), DocumentedPermissions.Of(role, Queue)),
        new RpcConnectionOptions { LoggerFactory = Log, ReplyExchange = Replies },
        Cancel);

    private static async Task IsRefusedAsync(Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => call().OrFail());
        Assert.Equal((true, RpcExecution.NotStarted), (refusal.IsBrokerRefusal, refusal.Execution));
    }

    private static async Task IsRefusedAsync(IConnection attacker, Func<IChannel, Task> operation)
    {
        await using IChannel channel = await attacker.CreateChannelAsync(cancellationToken: Cancel);
        var refusal = await Assert.ThrowsAnyAsync<OperationInterruptedException>(() => operation(channel)); // also AlreadyClosedException, if the refusal came before the operation had ended
        Assert.Equal((ushort?)403, refusal.ShutdownReason?.ReplyCode);
    }

    /// <summary>Publishes, and asks something on the same channel: a refused message has closed it by then.</summary>
    private static async Task PublishAsync(IChannel channel, string exchange, string routingKey)
    {
        await channel.BasicPublishAsync(exchange, routingKey, body: default, cancellationToken: Cancel);
        await channel.BasicQosAsync(0, 1, global: false, Cancel);
    }
}
