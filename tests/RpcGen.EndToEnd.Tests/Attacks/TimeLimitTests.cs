using System.Collections.Concurrent;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Callers that ask for more time than a server gives.</summary>
public sealed class TimeLimitTests(PrivateRabbit broker) : AttackTest(broker)
{
    private const int Places = 64;

    [Fact]
    public async Task Requests_without_limit_do_not_keep_their_places()
    {
        var vault = new Vault();
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(ServerOptions) { Authorizer = vault }, Cancel);
        IVault neighbour = (await ConnectAsync()).CreateClient<IVault>(ClientOptions);
        Assert.Null(await neighbour.WhoAmIAsync(Cancel).OrFail());
        IConnection attacker = await AttackAsync("caller");
        await using IChannel channel = await attacker.CreateChannelAsync(cancellationToken: Cancel);
        var replies = new ConcurrentQueue<string>();
        string callbacks = $"rpc.cb.{Guid.NewGuid():N}"[..20];
        await channel.QueueDeclareAsync(callbacks, durable: false, exclusive: true, autoDelete: true, cancellationToken: Cancel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, reply) =>
        {
            replies.Enqueue(Encoding.UTF8.GetString(reply.Body.Span));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(callbacks, autoAck: true, consumer, Cancel);

        for (int i = 0; i < Places; i++)
        {
            var properties = new BasicProperties { Type = "Wait", ReplyTo = callbacks, CorrelationId = $"{i}", Expiration = "4294967294", ContentType = "application/json" };
            await channel.BasicPublishAsync("", Queue, mandatory: true, properties, """{"what":"for ever"}"""u8.ToArray(), Cancel);
        }

        Assert.Null(await neighbour.WhoAmIAsync(Cancel).OrFail());
        await Wait.UntilAsync(() => replies.Count == Places, "every request was answered");
        Assert.All(replies, reply =>
        {
            Assert.Contains("urn:rpcgen:fault:timeout", reply, StringComparison.Ordinal);
            Assert.Contains("2 s, the longest time that its [RpcTimeout] gives a call", reply, StringComparison.Ordinal);
        });
    }
}
