using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>One of the channels that a link publishes requests on. Thread-safe.</summary>
internal abstract class RequestChannel
{
    /// <summary>The order of the messages that were published.</summary>
    public PublishOrder Order { get; } = new();

    /// <summary>Whether the broker confirms messages.</summary>
    public abstract bool IsConfirmed { get; }

    /// <summary>Completes when the channel is closed.</summary>
    public abstract Task<TransportClosure> Closed { get; }

    /// <summary>Begins to hand a message to the channel. <see cref="PublishOrder.End"/> ends it.</summary>
    /// <param name="now">The moment, as a timestamp of the clock.</param>
    public SendTicket Begin(long now) => new(this, Order.Begin(), now);

    /// <summary>Publishes a message. If the broker stops reading, the publish ends with the link.</summary>
    public abstract ValueTask PublishAsync(in OutgoingMessage message);
}

/// <summary>The channel without publisher confirms: replies arrive on it, too.</summary>
/// <param name="channel">The channel.</param>
/// <param name="linkEnded">Ends publishes that wait for the socket.</param>
internal sealed class PlainRequestChannel(ITransportChannel channel, CancellationToken linkEnded) : RequestChannel
{
    public override bool IsConfirmed => false;

    public override Task<TransportClosure> Closed => channel.Closed;

    public override ValueTask PublishAsync(in OutgoingMessage message) => channel.PublishAsync(in message, linkEnded);
}

/// <summary>When and where a message was handed over.</summary>
/// <param name="Channel">The channel; null if it was not handed over.</param>
/// <param name="Place">Its place among the messages of the channel.</param>
/// <param name="At">The moment, as a timestamp of the clock.</param>
internal readonly record struct SendTicket(RequestChannel? Channel, PublishTicket Place, long At)
{
    /// <summary>Whether the broker closed the channel because of a message, and certainly did not take this one either.</summary>
    public bool IsNotTaken => Channel is { Closed: { IsCompleted: true, Result.IsPublishRefused: true } } && Channel.Order.IsLast(Place);
}
