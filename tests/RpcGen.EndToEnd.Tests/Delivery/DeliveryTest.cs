using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Delivery;

/// <summary>The base of delivery tests.</summary>
public abstract class DeliveryTest(ITestBroker broker) : EndToEndTest(broker)
{
    protected static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    /// <summary>The dead-letter queue.</summary>
    protected string DeadLetters => Queue + ".dead";

    /// <summary>Serves on a separate connection.</summary>
    protected async Task<RpcServer> ServeAsync(Courier courier, RpcServerOptions? options = null) =>
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, new RpcServerOptions(options ?? ServerOptions) { Queue = Queue }, Cancel);

    /// <summary>Serves with a dead-letter queue.</summary>
    protected async Task<RpcServer> ServeWithDeadLettersAsync(Courier courier)
    {
        await Broker.DeclareQueueAsync(DeadLetters);
        await Broker.DeclareQueueAsync(Queue, deadLetterQueue: DeadLetters);
        return await ServeAsync(courier, new RpcServerOptions(ServerOptions) { UseExistingQueue = true });
    }

    /// <summary>A client on a separate connection.</summary>
    protected async Task<ICourier> CreateClientAsync(RpcClientOptions? options = null) =>
        (await ConnectAsync()).CreateClient<ICourier>(new RpcClientOptions(options ?? ClientOptions) { Queue = Queue });

    /// <summary>Declares the queue as if a server had declared it and stopped.</summary>
    protected async Task DeclareUnservedAsync(RpcServerOptions? options = null) => await (await ServeAsync(new Courier(), options)).StopAsync();

    protected Task UntilDeadAsync(int count) => Wait.UntilAsync(
        async () => (await Broker.FindQueueAsync(DeadLetters))?.Ready == count, $"{count} requests are among the dead letters");

    protected override async Task CleanUpAsync()
    {
        await base.CleanUpAsync();
        await Broker.DeleteQueueAsync(DeadLetters);
    }
}
