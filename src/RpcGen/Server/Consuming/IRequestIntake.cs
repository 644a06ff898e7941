using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>Takes the requests of a link, from all its queues.</summary>
internal interface IRequestIntake
{
    /// <summary>Takes one request; it is handled now or when a place is free.</summary>
    /// <param name="message">The request.</param>
    /// <param name="route">The route to the queue. The user of a message that took another route is dropped.</param>
    void Accept(in IncomingMessage message, DirectRoute route);
}
