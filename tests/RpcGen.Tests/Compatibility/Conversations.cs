using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Compatibility;

/// <summary>All recorded conversations: together they have every kind of message.</summary>
internal static class Conversations
{
    public static readonly IReadOnlyList<Conversation> All =
    [
        .. CallConversations.All,
        .. FaultConversations.All,
        .. BatchConversations.All,
        .. QuestionConversations.All,
        .. StreamConversations.All,
        .. UploadConversations.All,
        .. LongCallConversations.All,
    ];

    public static readonly RecordedOrder Order = new("Ada", [new("nut", 3), new("bolt", 1)]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static Task<IRecorded> ClientAsync(this Stage stage) => stage.CreateClientAsync<IRecorded>();

    public static async Task<TException> FailsAsync<TException>(Task call)
        where TException : Exception => await Assert.ThrowsAsync<TException>(() => call.WaitAsync(Bounds.Soon));

    /// <summary>Has the first request of a queue delivered again: to a consumer that is lost, and then to the server that starts.</summary>
    public static async Task RedeliverAsync(this Stage stage, string queue, Func<Task> serve)
    {
        ITransportConnection connection = await stage.Transport.ConnectAsync("lost server", Cancel);
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Classic), Cancel);
        var lost = new LostServer();
        await channel.ConsumeAsync(queue, prefetch: 1, lost, Cancel);
        _ = TakeOverAsync();

        async Task TakeOverAsync()
        {
            await lost.Delivered.WaitAsync(Bounds.Soon);
            await serve();
            await connection.DisposeAsync();
        }
    }

    private sealed class LostServer : ITransportConsumer
    {
        private readonly TaskCompletionSource _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Delivered => _delivered.Task;

        public void OnDelivered(in IncomingMessage message) => _delivered.TrySetResult();

        public void OnCancelledByBroker()
        {
        }
    }
}
