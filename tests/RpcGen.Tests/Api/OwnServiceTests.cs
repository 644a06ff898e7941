using Microsoft.Extensions.Time.Testing;
using RpcGen.Testing;

namespace RpcGen.Tests.Api;

/// <summary>A handler that calls its own service deeper than the service has places waits for a place that it holds itself.</summary>
public sealed class OwnServiceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_message_of_the_inner_call_says_who_holds_the_place()
    {
        var time = new FakeTimeProvider();
        await using var broker = new RpcTestBroker(time);
        await using RpcConnection connection = await broker.ConnectAsync(cancellationToken: Cancel);
        var service = new Descent(connection.CreateClient<IDescent>());
        await using RpcServer server = await connection.ServeAsync<IDescent>(service, new RpcServerOptions { MaxConcurrentCalls = 1 }, Cancel);

        Task call = connection.CreateClient<IDescent>().DescendAsync(1, Cancel);
        await service.HasCalled.Task.WaitAsync(Cancel);
        time.Advance(TimeSpan.FromSeconds(31));

        RpcTimeoutException failure = await service.Failure.Task.WaitAsync(Cancel);
        Assert.Contains("A handler of the same service made the call, and holds a place", failure.Message, StringComparison.Ordinal);
        RpcTimeoutException outer = await Assert.ThrowsAsync<RpcTimeoutException>(() => call);
        Assert.DoesNotContain("A handler of the same service", outer.Message, StringComparison.Ordinal);
    }

    private sealed class Descent(IDescent client) : IDescent
    {
        public TaskCompletionSource HasCalled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<RpcTimeoutException> Failure { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task DescendAsync(int depth, CancellationToken cancellationToken)
        {
            Task inner = client.DescendAsync(depth - 1, CancellationToken.None);
            HasCalled.TrySetResult();
            try
            {
                await inner;
            }
            catch (RpcTimeoutException e)
            {
                Failure.TrySetResult(e);
                throw;
            }
        }
    }
}

[AmqpRpc]
internal partial interface IDescent
{
    Task DescendAsync(int depth, CancellationToken cancellationToken);
}
