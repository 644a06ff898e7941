using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Tests.Transports;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>Transport conformance of the RabbitMQ transport.</summary>
public sealed class RabbitMqTransportTests(SharedRabbit broker) : TransportConformance
{
    private Version _version = new();

    private protected override ITransport Transport { get; } = TransportFactory.Create(broker.Url, new RpcConnectionOptions());

    private protected override bool RefusesHugeMessages => _version.Major >= 4;

    public override async ValueTask InitializeAsync() => _version = await BrokerClient.VersionAsync(broker.Url);

    private protected override Task DeleteQueueAsync(string queue) => broker.DeleteQueueAsync(queue);

    private protected override Task DeclareSpecialQueueAsync(string queue, int? maxLength, string? deadLetterQueue) =>
        BrokerClient.DeclareQueueAsync(broker.Url, queue, maxLength, deadLetterQueue);
}
