using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Connections, brokers and servers are lost or stop while clients send streams.</summary>
public abstract class UploadLossTests(IBreakableBroker broker) : UploadTest(broker)
{
    [Fact]
    public async Task Both_sides_learn_of_a_lost_connection_at_once()
    {
        var fired = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            try
            {
                return await CountAsync(name, parcels, CancellationToken.None);
            }
            catch (Exception e)
            {
                Assert.True(token.IsCancellationRequested);
                fired.TrySetResult(e);
                throw;
            }
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(0);
        Task<Receipt> storing = client.StoreIdempotentlyAsync("x", source, Cancel);
        await Wait.UntilAsync(() => source.Taken == 1, "the source is read");

        await broker.CloseConnectionsAsync();

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => storing.OrFail()); // not sent again: the source was touched
        Assert.Equal(RpcExecution.Started, lost.Execution);
        Assert.IsAssignableFrom<OperationCanceledException>(await fired.Task.OrFail());
        Assert.Equal((1, 1), (source.Runs, source.Disposals));
        Assert.Empty(source.Misuses);
        IIntake later = client.With(timeout: TimeSpan.FromMinutes(1));
        Assert.Equal(3, (await later.StoreAsync("y", ParcelsAsync(3, cancellationToken: Cancel), Cancel).OrFail()).Count);
    }

    [Fact]
    public async Task A_call_goes_on_while_the_broker_blocks()
    {
        var beats = new RpcConnectionOptions { PeerHeartbeat = TimeSpan.FromSeconds(1) };
        await ServeAsync(CountAsync, connection: beats);
        IIntake client = await CreateClientAsync(beats);
        var source = new ParcelSource();
        source.Write(0);
        Task<Receipt> storing = client.StoreAsync("x", source, Cancel);
        await Wait.UntilAsync(() => source.Taken == 1, "the source is read");

        await broker.BlockAsync();
        await Task.WhenAny(storing, Task.Delay(TimeSpan.FromSeconds(4), Cancel)); // longer than a peer may be silent
        Assert.False(storing.IsCompleted);
        await broker.UnblockAsync();
        source.Write(1);
        source.End();

        Assert.Equal(2, (await storing.OrFail()).Count);
    }

    [Fact]
    public async Task A_call_that_exceeds_the_grace_period_is_interrupted_and_its_caller_is_told()
    {
        RpcServer server = await ServeAsync(CountAsync, new RpcServerOptions { GracePeriod = TimeSpan.FromMilliseconds(200) });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(0);
        Task<Receipt> storing = client.StoreAsync("x", source, Cancel);
        await Wait.UntilAsync(() => source.Taken == 1, "the source is read");

        await server.StopAsync(Cancel).OrFail();

        var interrupted = await Assert.ThrowsAsync<RpcConnectionException>(() => storing.OrFail());
        Assert.Contains("stopped", interrupted.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (source.Runs, source.Disposals));
    }

    [Fact]
    public async Task A_server_that_stops_waits_for_its_uploads()
    {
        RpcServer server = await ServeAsync(CountAsync);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(0);
        Task<Receipt> storing = client.StoreAsync("x", source, Cancel);
        await Wait.UntilAsync(() => source.Taken == 1, "the source is read");

        Task stopping = server.StopAsync(Cancel);
        source.Write(1);
        source.End();

        Assert.Equal(2, (await storing.OrFail()).Count);
        await stopping.OrFail();
    }

    [Fact]
    public async Task A_client_that_is_disposed_fails_its_calls_at_once()
    {
        await ServeAsync(CountAsync);
        RpcConnection connection = await ConnectAsync();
        IIntake client = connection.CreateClient<IIntake>(ClientOptions);
        var source = new ParcelSource();
        source.Write(0);
        Task<Receipt> storing = client.StoreAsync("x", source, Cancel);
        await Wait.UntilAsync(() => source.Taken == 1, "the source is read");

        await connection.DisposeAsync().AsTask().OrFail();

        await Assert.ThrowsAsync<RpcConnectionException>(() => storing.OrFail());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.StoreAsync("y", source, Cancel).OrFail());
        Assert.Equal((1, 1), (source.Runs, source.Disposals));
    }
}

public sealed class UploadLossTestsInMemory(MemoryBroker broker) : UploadLossTests(broker), IClassFixture<MemoryBroker>;

public sealed class UploadLossTestsOnRabbitMq(PrivateRabbit broker) : UploadLossTests(broker), IClassFixture<PrivateRabbit>;
