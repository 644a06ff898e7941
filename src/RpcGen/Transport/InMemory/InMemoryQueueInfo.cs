namespace RpcGen.Transport.InMemory;

/// <summary>The state of a queue, as an operator sees it.</summary>
/// <param name="Declaration">The queue's declaration.</param>
/// <param name="Ready">Messages that wait for delivery.</param>
/// <param name="Unacked">Messages delivered and not yet acknowledged.</param>
/// <param name="Consumers">Registered consumers.</param>
internal sealed record InMemoryQueueInfo(QueueDeclaration Declaration, int Ready, int Unacked, int Consumers)
{
    public string Name => Declaration.Name;
}
