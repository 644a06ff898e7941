using Microsoft.Extensions.Time.Testing;
using RpcGen.Tests.AspNetCore;
using RpcGen.Tests.Hosting;
using RpcGen.Tests.Support;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Client.Streaming;

/// <summary>No server opens a stream in time.</summary>
public sealed class StreamOpeningTests : IAsyncDisposable
{
    private const string Queue = "openings";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(8);

    private readonly string _address = Application.NewAddress();
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryBroker _broker;
    private RpcConnection? _connection;

    public StreamOpeningTests() => _broker = InMemoryBrokers.Hold(_address["memory://".Length..], _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_that_does_not_answer_does_not_delay_the_timeout()
    {
        await using IAsyncEnumerator<int> items = await OpenAsync();
        Task<bool> first = items.MoveNextAsync().AsTask();
        await UntilAsync(() => _broker.Queues.Any(static queue => queue is { Name: Queue, Ready: 1 }));
        _broker.Pause();

        _time.Advance(Timeout);

        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => first.WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(RpcExecution.Unknown, late.Execution);
        _broker.Resume();
    }

    [Fact]
    public async Task The_message_of_the_timeout_says_why_no_server_has_the_call()
    {
        await using IAsyncEnumerator<int> items = await OpenAsync();
        Task<bool> first = items.MoveNextAsync().AsTask();
        await UntilAsync(() => _broker.Queues.Any(static queue => queue is { Name: Queue, Ready: 1 }));

        _time.Advance(Timeout - TimeSpan.FromMilliseconds(400));
        await UntilAsync(() => _connection!.Calls.Probe.Latest(Queue) is not null);
        Assert.False(first.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(400));

        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => first.WaitAsync(Bounds.Soon, Cancel));
        Assert.Contains("has no consumer", late.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection!.DisposeAsync();
        _broker.Dispose();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(1, Cancel);
        }
    }

    /// <summary>A stream of a queue that nobody serves any more.</summary>
    private async Task<IAsyncEnumerator<int>> OpenAsync()
    {
        _connection = await RpcConnection.ConnectAsync(_address, new RpcConnectionOptions { TimeProvider = _time }, Cancel);
        RpcServer server = await _connection.ServeAsync<IGallery>(new Gallery(), new RpcServerOptions { Queue = Queue }, Cancel);
        await server.StopAsync(Cancel);
        IGallery client = _connection.CreateClient<IGallery>(new RpcClientOptions { Queue = Queue, Timeout = Timeout });
        return client.CountAsync(3, Cancel).GetAsyncEnumerator(Cancel);
    }
}
