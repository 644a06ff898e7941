using System.Text;
using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>A server with the documented permissions attacks its callers by its replies. The same connection calls another service meanwhile.</summary>
[Collection(AttackedNode.Name)]
public sealed class RogueServerTests(PrivateRabbit broker) : AttackTest(broker)
{
    private const int Entries = 400_000;

    private string RogueQueue => Queue + ".rogue";

    [Fact]
    public async Task Of_a_batch_of_replies_only_the_first_entries_are_read()
    {
        await (await ConnectAsync()).ServeAsync<ICourier>(new Courier(), ServerOptions, Cancel);
        RpcConnection calling = await ConnectAsync();
        Neighbours neighbours = await Neighbours.StartAsync(calling.CreateClient<ICourier>(ClientOptions));
        IConnection rogue = await AttackAsync("worker", RogueQueue);
        await using IChannel channel = await rogue.CreateChannelAsync(cancellationToken: Cancel);
        await channel.QueueDeclareAsync(RogueQueue, durable: false, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        Task<string> lured = calling.CreateClient<ICourier>(new RpcClientOptions { Queue = RogueQueue }).AskAsync("x", Cancel);
        BasicGetResult? request = null;
        await Wait.UntilAsync(async () => (request = await channel.BasicGetAsync(RogueQueue, autoAck: true, Cancel)) is not null, "the rogue server has the request");
        string id = request!.BasicProperties.CorrelationId!;
        string bomb = $"[{string.Concat(Enumerable.Repeat("[\"0\"],", Entries))}[\"{id}\",\"beyond\"]]";

        for (int i = 0; i < 5; i++)
        {
            await ReplyAsync(channel, request, "$batch", bomb);
        }

        await ReplyAsync(channel, request, type: null, "\"right\"");

        Assert.Equal("right", await lured.OrFail());
        await neighbours.StopAsync();
    }

    protected override async Task CleanUpAsync()
    {
        await Broker.DeleteQueueAsync(RogueQueue);
        await base.CleanUpAsync();
    }

    private static ValueTask ReplyAsync(IChannel channel, BasicGetResult request, string? type, string body)
    {
        var properties = new BasicProperties { ContentType = "application/json", CorrelationId = request.BasicProperties.CorrelationId };
        if (type is not null)
        {
            properties.Type = type;
        }

        return channel.BasicPublishAsync("", request.BasicProperties.ReplyTo!, mandatory: false, properties, Encoding.UTF8.GetBytes(body), Cancel);
    }
}
