using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Compatibility;

/// <summary>A server that starts after the first request has come.</summary>
internal static class WaitingQueue
{
    public static async Task ServeAsync(Stage stage, string queue)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        ITransportConnection connection = await stage.Transport.ConnectAsync("queue", cancel);
        ITransportChannel channel = await connection.OpenChannelAsync(cancel);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Classic), cancel);
        _ = StartAsync();

        async Task StartAsync()
        {
            await stage.Recorder.WaitAsync(1);
            while ((await channel.InspectQueueAsync(queue, cancel)).ReadyMessages == 0)
            {
                await Task.Yield(); // recorded, but not yet in the queue
            }

            await stage.ServeAsync<IRecorded>(stage.Service);
            await connection.DisposeAsync();
        }
    }
}
