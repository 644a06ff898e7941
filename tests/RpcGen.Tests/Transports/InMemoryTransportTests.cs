using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Transports;

/// <summary>The in-memory transport does what every transport must do.</summary>
public sealed class InMemoryTransportTests : TransportConformance
{
    private readonly InMemoryBroker _broker = InMemoryBrokers.Hold(NewName(), TimeProvider.System);

    private protected override ITransport Transport => field ??= new InMemoryTransport(_broker.Name, TimeProvider.System);

    private protected override Task DeleteQueueAsync(string queue)
    {
        _broker.DeleteQueue(queue);
        return Task.CompletedTask;
    }

    private protected override async Task DeclareSpecialQueueAsync(string queue, int? maxLength, string? deadLetterQueue)
    {
        _broker.SetPolicy(queue, new InMemoryPolicy(maxLength, deadLetterQueue));
        await using ITransportChannel channel = await OpenChannelAsync();
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Classic), Cancel);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _broker.Dispose();
    }
}
