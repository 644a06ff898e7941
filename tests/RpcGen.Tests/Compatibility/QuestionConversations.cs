using RpcGen.Tests.Support;

namespace RpcGen.Tests.Compatibility;

/// <summary>Questions about servers.</summary>
internal static class QuestionConversations
{
    public static readonly Conversation[] All =
    [
        new("ping", "A question for the instance, in the queue.")
        {
            Call = async stage =>
            {
                RpcPing ping = await (await stage.GetClientAsync()).PingAsync("recorded").WaitAsync(Bounds.Soon);
                Assert.Equal(("recorded", typeof(IRecorded).FullName), (ping.Service.Queue, ping.Service.Contract));
            },
        },
        new("describe", "A question for the description.")
        {
            Serve = stage => stage.ServeAsync<IRecordedSmall>(new Small()),
            Call = async stage =>
            {
                RpcServiceDescription description = await (await stage.GetClientAsync()).DescribeAsync("recorded_small").WaitAsync(Bounds.Soon);
                Assert.Equal("Triple", Assert.Single(description.Methods).Name);
            },
        },
        new("stats", "A question for what the instances have done.")
        {
            Serve = stage => stage.ServeAsync<IRecordedSmall>(new Small()),
            Call = async stage =>
            {
                RpcConnection client = await stage.GetClientAsync();
                await using IAsyncEnumerator<RpcServiceStatistics> answers = client.GetStatisticsAsync("recorded_small").GetAsyncEnumerator(TestContext.Current.CancellationToken);
                Assert.True(await answers.MoveNextAsync().AsTask().WaitAsync(Bounds.Soon));
                Assert.Equal("Triple", Assert.Single(answers.Current.Methods).Name);
            },
        },
        new("ping-instances", "A question that goes to all instances after 250 ms, because the only place is taken.")
        {
            Serve = stage => stage.ServeAsync<IRecorded>(stage.Service, new RpcServerOptions { MaxConcurrentCalls = 1 }),
            Call = async stage =>
            {
                Task<int> slow = (await stage.ClientAsync()).WaitAsync(2000);
                await stage.Recorder.WaitAsync(1);
                Task<RpcPing> ping = (await stage.GetClientAsync()).PingAsync("recorded");
                stage.Pass(250);
                Assert.Equal("recorded", (await ping.WaitAsync(Bounds.Soon)).Service.Queue);
            },
        },
        new("find", "A question to all services.")
        {
            Call = async stage =>
            {
                RpcConnection client = await stage.GetClientAsync();
                await using IAsyncEnumerator<RpcServiceInstance> found = client.FindServicesAsync().GetAsyncEnumerator(TestContext.Current.CancellationToken);
                Assert.True(await found.MoveNextAsync().AsTask().WaitAsync(Bounds.Soon));
                Assert.Equal("recorded", found.Current.Queue);
            },
        },
    ];

    private sealed class Small : IRecordedSmall
    {
        public Task<int> TripleAsync(int number, CancellationToken cancellationToken) => Task.FromResult(3 * number);
    }
}

/// <summary>A small contract, so that its description can be read.</summary>
[AmqpRpc("recorded_small")]
public partial interface IRecordedSmall
{
    Task<int> TripleAsync(int number = 7, CancellationToken cancellationToken = default);
}
