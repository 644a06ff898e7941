using RpcGen.Tests.Support;

namespace RpcGen.Tests.Compatibility;

/// <summary>Batches, and requests that servers send back.</summary>
internal static class BatchConversations
{
    /// <summary>Calls run one after the other while one waits, so that their replies share a message.</summary>
    private static readonly RpcServerOptions TwoPlaces = new() { MaxConcurrentCalls = 2 };

    public static readonly Conversation[] All =
    [
        new("batch", "Two calls that wait for a third one share a message, and so do their replies.")
        {
            Serve = stage => stage.ServeAsync<IRecorded>(stage.Service, TwoPlaces),
            Call = stage => CallTogetherAsync(stage, client =>
            {
                Task<string?> first = client.FindAsync("a");
                Task<string?> second = client.FindAsync("b");
                return async () => Assert.Equal(["a", "b"], await Task.WhenAll(first, second).WaitAsync(Bounds.Soon));
            }),
        },
        new("batch-with-fault", "A batch with metadata, and replies that are a fault and nothing.")
        {
            Serve = stage => stage.ServeAsync<IRecorded>(stage.Service, TwoPlaces),
            Call = stage => CallTogetherAsync(stage, client =>
            {
                Task<string> first = client.With(metadata: new RpcMetadata { ["tenant"] = "acme" }).FailAsync("sold-out");
                Task second = client.ForgetAsync(7);
                return async () =>
                {
                    Assert.Equal(2, (await Conversations.FailsAsync<RecordedException>(first)).Left);
                    await second.WaitAsync(Bounds.Soon);
                };
            }),
        },
        new("refused-batch", "A server that cannot read batches any more gets the calls one by one.")
        {
            Serve = ForgetfulServer.StartAsync,
            Call = async stage =>
            {
                IRecorded client = await stage.ClientAsync();
                await client.FindAsync("");
                Task<string?> first = client.FindAsync("a");
                Task<string?>[] others = [client.FindAsync("b"), client.FindAsync("c")];
                stage.Pass(2);
                Assert.Equal(["b", "c"], await Task.WhenAll(others).WaitAsync(Bounds.Soon));
                Assert.Equal("a", await first.WaitAsync(Bounds.Soon));
            },
        },
        new("sent-back", "A request that was delivered before comes back, and is sent again in a batch.")
        {
            Serve = stage => stage.RedeliverAsync("recorded", () => stage.ServeAsync<IRecorded>(stage.Service)),
            Call = async stage => Assert.Equal("a", await (await stage.ClientAsync()).FindAsync("a").WaitAsync(Bounds.Soon)),
        },
        new("sent-back-before-it-ran", "A request that waited for its server comes back, and is sent again in a batch.")
        {
            Serve = stage => WaitingQueue.ServeAsync(stage, "recorded"),
            Call = async stage => Assert.Equal("a", await (await stage.ClientAsync()).FindAsync("a").WaitAsync(Bounds.Soon)),
        },
    ];

    /// <summary>Makes a call that takes longer, and calls that are sent together after it.</summary>
    private static async Task CallTogetherAsync(Stage stage, Func<IRecorded, Func<Task>> call)
    {
        IRecorded client = await stage.ClientAsync();
        await client.WaitAsync(0);
        await client.FindAsync("");
        await client.ForgetAsync(1);
        await client.FailAsync(""); // the replies say that these methods are fast enough for batches
        Task<int> slow = client.WaitAsync(1000);
        Func<Task> check = call(client);
        stage.Pass(2); // ends the wait for the reply to the first call
        await check();
        await stage.PassForHandlerAsync(1000);
        Assert.Equal(1000, await slow.WaitAsync(Bounds.Soon));
    }
}
