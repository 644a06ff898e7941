using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>The documented permissions suffice, and refuse what they are meant to refuse.</summary>
public sealed class DocumentedPermissionsTests(PrivateRabbit broker) : AttackTest(broker)
{
    [Fact]
    public async Task A_caller_cannot_declare_a_request_queue()
    {
        IConnection attacker = await AttackAsync("caller");
        await using IChannel channel = await attacker.CreateChannelAsync(cancellationToken: Cancel);

        OperationInterruptedException refusal = await Assert.ThrowsAsync<OperationInterruptedException>(
            () => channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel));

        Assert.Equal((ushort?)403, refusal.ShutdownReason?.ReplyCode);
    }

    [Fact]
    public async Task Neighbours_are_answered()
    {
        Neighbours neighbours = await StartNeighboursAsync();

        await neighbours.UntilAnsweredAsync(100);

        await neighbours.StopAsync();
    }
}
