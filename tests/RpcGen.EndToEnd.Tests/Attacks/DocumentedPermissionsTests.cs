using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>The documented permissions suffice, and refuse what they are meant to refuse.</summary>
public sealed class DocumentedPermissionsTests(PrivateRabbit broker) : AttackTest(broker), IClassFixture<PrivateRabbit>
{
    private const string Victim = "Victim.Service";

    [Fact]
    public async Task A_worker_serves_and_a_caller_calls()
    {
        var announced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var courier = new Courier(async (text, token) =>
        {
            if (text == "wait")
            {
                using CancellationTokenRegistration _ = token.Register(cancelled.SetResult);
                await Task.Delay(Timeout.Infinite, token);
            }

            if (text == "announced")
            {
                announced.TrySetResult();
            }

            return text;
        });
        await using RpcConnection worker = await ConnectAsAsync("worker");
        await worker.ServeAsync<ICourier>(courier, ServerOptions, Cancel).OrFail();
        await using RpcConnection caller = await ConnectAsAsync("caller");
        ICourier client = caller.CreateClient<ICourier>(ClientOptions);

        Assert.Equal("call", await client.AskAsync("call", Cancel).OrFail());
        await client.SendAsync("one-way", Cancel).OrFail();
        await client.AnnounceAsync("announced", Cancel).OrFail();
        await announced.Task.OrFail();
        Assert.Equal(Queue, (await caller.DescribeAsync(Queue, Cancel).OrFail()).Service.Queue);
        Assert.Equal(Environment.ProcessId, (await caller.PingAsync(Queue, Cancel).OrFail()).Service.Instance.ProcessId);
        using var giveUp = new CancellationTokenSource();
        Task<string> waiting = client.AskAsync("wait", giveUp.Token);
        await Wait.UntilAsync(() => courier.Got.Contains("wait"), "the call runs");
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.OrFail());
        await cancelled.Task.OrFail();
    }

    [Fact]
    public async Task A_worker_calls_other_services()
    {
        string other = Queue + ".other";
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions { Queue = other }, Cancel);
        await using RpcConnection worker = await ConnectAsAsync("worker");

        Assert.Equal(5, await worker.CreateClient<ICalculator>(new RpcClientOptions { Queue = other }).AddAsync(2, 3, Cancel).OrFail());
        await Broker.DeleteQueueAsync(other);
    }

    [Fact]
    public async Task To_find_services_is_a_permission_of_its_own()
    {
        await using RpcConnection worker = await ConnectAsAsync("worker");
        await worker.ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel).OrFail();
        await using RpcConnection asking = await ConnectAsAsync("operator");
        await using RpcConnection caller = await ConnectAsAsync("caller");

        Assert.Contains(await FindAsync(asking), instance => instance.Queue == Queue);
        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => FindAsync(caller).OrFail());
        Assert.True(refused.IsBrokerRefusal);
        Assert.Contains("rpc.services", refused.Message, StringComparison.Ordinal);
        Assert.Equal(5, await caller.CreateClient<ICalculator>(ClientOptions).AddAsync(2, 3, Cancel).OrFail());
    }

    [Fact]
    public async Task Who_can_find_all_services_can_watch_them_and_a_caller_can_watch_those_that_it_calls()
    {
        await using RpcConnection worker = await ConnectAsAsync("worker");
        await worker.ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel).OrFail();
        await using RpcConnection asking = await ConnectAsAsync("operator");
        await using RpcConnection caller = await ConnectAsAsync("caller");
        await using RpcCallWatch all = await asking.WatchAsync(cancellationToken: Cancel).OrFail();
        await using RpcCallWatch one = await caller.WatchAsync(Queue, cancellationToken: Cancel).OrFail();
        Assert.Contains("rpc.services", (await Assert.ThrowsAsync<RpcAccessDeniedException>(() => caller.WatchAsync(cancellationToken: Cancel).OrFail())).Message, StringComparison.Ordinal);

        Assert.Equal(5, await caller.CreateClient<ICalculator>(ClientOptions).AddAsync(2, 3, Cancel).OrFail());

        Assert.Equal("Add", (await one.ReadAllAsync(Cancel).FirstAsync(Cancel).AsTask().OrFail()).Method);
        Assert.Equal(Queue, (await all.ReadAllAsync(Cancel).FirstAsync(ended => ended.Service.Queue == Queue, Cancel).AsTask().OrFail()).Service.Queue);
    }

    [Fact]
    public async Task A_worker_without_the_permission_to_be_found_serves_all_the_same()
    {
        DocumentedPermissions documented = DocumentedPermissions.Of("worker", Queue);
        string user = await AddUserAsync(UserName(), documented with
        {
            Configure = documented.Configure.Replace(@"rpc\.services|", "", StringComparison.Ordinal),
            Read = documented.Read.Replace(@"rpc\.services|", "", StringComparison.Ordinal),
        });
        await using RpcConnection worker = await RpcConnection.ConnectAsync(user, new RpcConnectionOptions { LoggerFactory = Log }, Cancel);
        await worker.ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel).OrFail();
        await using RpcConnection asking = await ConnectAsAsync("operator");

        Assert.DoesNotContain(await FindAsync(asking), instance => instance.Queue == Queue);
        Assert.Equal(5, await asking.CreateClient<ICalculator>(ClientOptions).AddAsync(2, 3, Cancel).OrFail());
        Assert.Equal(Queue, (await asking.PingAsync(Queue, Cancel).OrFail()).Service.Queue);
    }

    private static async Task<List<RpcServiceInstance>> FindAsync(RpcConnection connection)
    {
        var found = new List<RpcServiceInstance>();
        await foreach (RpcServiceInstance instance in connection.FindServicesAsync(cancellationToken: Cancel))
        {
            found.Add(instance);
        }

        return found;
    }

    [Theory]
    [InlineData("caller")]
    [InlineData("worker")]
    public async Task Neither_touches_another_service(string role)
    {
        Neighbours neighbours = await ServeVictimAsync();
        IConnection attacker = await AttackAsync(role);

        await RefusedAsync(attacker, "declares its queue", channel => channel.QueueDeclareAsync(Victim + "2", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel));
        await RefusedAsync(attacker, "takes its requests", channel => channel.BasicGetAsync(Victim, autoAck: true, Cancel));
        await RefusedAsync(attacker, "deletes its queue", channel => channel.QueueDeleteAsync(Victim, cancellationToken: Cancel));
        await RefusedAsync(attacker, "purges its queue", channel => channel.QueuePurgeAsync(Victim, Cancel));
        await RefusedAsync(attacker, "feeds its queue", channel => channel.QueueBindAsync(Victim, "amq.fanout", "", cancellationToken: Cancel));
        foreach (string exchange in new[] { Victim + ".broadcast", Victim + ".cancel" })
        {
            await RefusedAsync(attacker, "declares its exchange", channel => channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, autoDelete: true, cancellationToken: Cancel));
            await RefusedAsync(attacker, "publishes to its exchange", async channel =>
            {
                await channel.BasicPublishAsync(exchange, "", new byte[1], Cancel);
                await channel.QueueDeclarePassiveAsync(Victim, Cancel); // the refusal of a publish comes with the next answer
            });
            await RefusedAsync(attacker, "listens to its exchange", async channel =>
            {
                string own = $"rpc.cb.{Guid.NewGuid():N}"[..20];
                await channel.QueueDeclareAsync(own, durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancel);
                await channel.QueueBindAsync(own, exchange, "", cancellationToken: Cancel);
            });
        }

        await neighbours.StopAsync();
    }

    [Theory]
    [InlineData("caller")]
    [InlineData("worker")]
    public async Task Nothing_goes_through_an_exchange_with_the_name_of_a_reply_queue(string role)
    {
        Neighbours neighbours = await ServeVictimAsync();
        IConnection attacker = await AttackAsync(role);
        await using (IChannel channel = await attacker.CreateChannelAsync(cancellationToken: Cancel))
        {
            // RabbitMQ has one pattern for the names of queues and exchanges, so this cannot be refused. It is of no use.
            await channel.ExchangeDeclareAsync("rpc.cb.evil", ExchangeType.Fanout, autoDelete: false, cancellationToken: Cancel);
        }

        await RefusedAsync(attacker, "sends to it", async channel =>
        {
            await channel.BasicPublishAsync("rpc.cb.evil", "", new byte[1], Cancel);
            await channel.QueueDeclarePassiveAsync(Victim, Cancel);
        });
        await RefusedAsync(attacker, "dead-letters into it", channel => channel.QueueDeclareAsync(
            "rpc.cb.source", durable: false, exclusive: true, autoDelete: true, new Dictionary<string, object?> { ["x-dead-letter-exchange"] = "rpc.cb.evil" }, cancellationToken: Cancel));
        await RefusedAsync(attacker, "binds it to a service", channel => channel.ExchangeBindAsync(Victim + ".broadcast", "rpc.cb.evil", "", cancellationToken: Cancel));
        await neighbours.StopAsync();
    }

    [Fact]
    public async Task A_worker_binds_no_exchange_of_its_own_to_another_service()
    {
        Neighbours neighbours = await ServeVictimAsync();
        IConnection attacker = await AttackAsync("worker");
        await using (IChannel channel = await attacker.CreateChannelAsync(cancellationToken: Cancel))
        {
            await channel.ExchangeDeclareAsync(Queue + ".broadcast", ExchangeType.Fanout, autoDelete: false, cancellationToken: Cancel);
        }

        await RefusedAsync(attacker, "binds", channel => channel.ExchangeBindAsync(Victim + ".broadcast", Queue + ".broadcast", "", cancellationToken: Cancel));
        await RefusedAsync(attacker, "binds the other way", channel => channel.ExchangeBindAsync(Queue + ".broadcast", Victim + ".broadcast", "", cancellationToken: Cancel));
        await neighbours.StopAsync();
    }

    [Fact]
    public async Task A_caller_serves_nothing()
    {
        (_, Neighbours neighbours) = await ServeCourierAsync(Queue);
        IConnection attacker = await AttackAsync("caller");

        await RefusedAsync(attacker, "declares", channel => channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel));
        await RefusedAsync(attacker, "declares an exchange", channel => channel.ExchangeDeclareAsync(Queue + ".cancel", ExchangeType.Fanout, autoDelete: true, cancellationToken: Cancel));
        await RefusedAsync(attacker, "declares the queue of an instance", channel => channel.QueueDeclareAsync("rpc.cx.evil", durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancel));
        await neighbours.StopAsync();
    }

    private async Task<RpcConnection> ConnectAsAsync(string role) =>
        await RpcConnection.ConnectAsync(await AddUserAsync(UserName(), DocumentedPermissions.Of(role, Queue)), new RpcConnectionOptions { LoggerFactory = Log }, Cancel);

    /// <summary>Serves another service, with all its exchanges, and starts callers of it.</summary>
    private async Task<Neighbours> ServeVictimAsync() => (await ServeCourierAsync(Victim)).Neighbours;

    /// <summary>Does something on a channel of its own, which the broker must refuse with 403.</summary>
    private static async Task RefusedAsync(IConnection attacker, string what, Func<IChannel, Task> act)
    {
        await using IChannel channel = await attacker.CreateChannelAsync(cancellationToken: Cancel);
        ushort? code = null;
        try
        {
            await act(channel).OrFail();
        }
        catch (OperationInterruptedException e)
        {
            code = e.ShutdownReason?.ReplyCode;
        }

        Assert.True(code == 403, $"The broker answered {code?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "that it is allowed"} when the attacker {what}.");
    }
}
