using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace RpcGen.Transport.RabbitMq;

/// <summary>A method of AMQP 0-9-1. The broker names the method that made it close a channel.</summary>
internal readonly record struct AmqpMethod(ushort ClassId, ushort MethodId)
{
    public static AmqpMethod ExchangeDeclare => new(40, 10);

    public static AmqpMethod QueueDeclare => new(50, 10);

    public static AmqpMethod QueueBind => new(50, 20);

    public static AmqpMethod BasicConsume => new(60, 20);

    public static AmqpMethod BasicCancel => new(60, 30);

    public static AmqpMethod BasicPublish => new(60, 40);

    /// <summary>Whether the broker closed the channel because of this method, and not because of an earlier one.</summary>
    public bool IsRefusedBy(ShutdownEventArgs reason) =>
        reason.Initiator == ShutdownInitiator.Peer && reason.ClassId == ClassId && reason.MethodId == MethodId;
}
