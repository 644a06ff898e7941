using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Limits of uploads: how long they can take, and how often a handler can read them.</summary>
public abstract class UploadLimitTests(ITestBroker broker) : UploadTest(broker)
{
    [Fact]
    public async Task The_time_limit_counts_from_the_end_of_the_streams()
    {
        var tokenFired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            Receipt all = await CountAsync(name, parcels, token);
            token.Register(tokenFired.SetResult);
            await tokenFired.Task;
            return all;
        });
        IIntake client = (await CreateClientAsync()).With(timeout: TimeSpan.FromSeconds(2));
        var source = new ParcelSource();
        Task<Receipt> storing = client.StoreAsync("x", source, Cancel);
        source.Write(0);
        await Wait.UntilAsync(() => source.Taken == 1, "the source is read");
        await Task.Delay(2_500, Cancel); // longer than the limit: the source is not done
        Assert.False(storing.IsCompleted);
        source.End();

        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => storing.OrFail());

        Assert.Contains("after its streams were sent", late.Message, StringComparison.Ordinal);
        await tokenFired.Task.OrFail();
    }

    [Fact]
    public async Task A_source_that_is_silent_for_too_long_ends_the_call()
    {
        var failure = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            try
            {
                return await CountAsync(name, parcels, token);
            }
            catch (Exception e)
            {
                failure.SetResult(e);
                throw;
            }
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(0);

        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.StoreImpatientlyAsync("x", source, Cancel).OrFail());

        Assert.Contains("IdleTimeoutMilliseconds", late.Message, StringComparison.Ordinal);
        Assert.IsType<RpcTimeoutException>(await failure.Task.OrFail());
        Assert.Equal((1, 1), (source.Runs, source.Disposals));
    }

    [Fact]
    public async Task A_source_that_ignores_its_token_holds_its_call()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            try
            {
                return await CountAsync(name, parcels, token);
            }
            finally
            {
                failed.SetResult();
            }
        });
        IIntake client = await CreateClientAsync();

        Task<Receipt> storing = client.StoreImpatientlyAsync("x", Wait(), Cancel);
        await failed.Task.OrFail();
        Assert.False(storing.IsCompleted);
        gate.SetResult();

        await Assert.ThrowsAsync<RpcTimeoutException>(() => storing.OrFail());

        async IAsyncEnumerable<Parcel> Wait()
        {
            await gate.Task;
            yield break;
        }
    }

    [Fact]
    public async Task A_call_that_takes_too_long_as_a_whole_ends()
    {
        await ServeAsync(CountAsync);
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();

        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => client.StoreBrieflyAsync("x", source, Cancel).OrFail());

        Assert.Contains("TotalTimeoutMilliseconds", late.Message, StringComparison.Ordinal);
        Assert.Equal(source.Runs, source.Disposals);
    }

    [Fact]
    public async Task A_stream_can_be_enumerated_once_and_only_during_its_call()
    {
        IAsyncEnumerable<Parcel>? kept = null;
        await ServeAsync(async (name, parcels, token) =>
        {
            kept = parcels;
            int count = await parcels.CountAsync(token);
            await Assert.ThrowsAsync<InvalidOperationException>(() => parcels.CountAsync(token).AsTask());
            return new Receipt(count, name);
        });
        IIntake client = await CreateClientAsync();

        Assert.Equal(3, (await client.StoreAsync("x", ParcelsAsync(3, cancellationToken: Cancel), Cancel).OrFail()).Count);
        await Assert.ThrowsAsync<InvalidOperationException>(() => kept!.CountAsync(Cancel).AsTask());
    }

    [Fact]
    public async Task An_enumerator_that_outlives_its_call_fails()
    {
        IAsyncEnumerator<Parcel>? kept = null;
        await ServeAsync(async (name, parcels, _) =>
        {
            kept = parcels.GetAsyncEnumerator(CancellationToken.None);
            Assert.True(await kept.MoveNextAsync());
            return new Receipt(1, name);
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(1);

        Assert.Equal(1, (await client.StoreAsync("x", source, Cancel).OrFail()).Count);

        await Wait.UntilAsync(async () => await FailsAsync(), "the call has ended at the server");

        async Task<bool> FailsAsync()
        {
            try
            {
                return !await kept!.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(1), Cancel);
            }
            catch (InvalidOperationException)
            {
                return true;
            }
        }
    }
}

public sealed class UploadLimitTestsInMemory(MemoryBroker broker) : UploadLimitTests(broker), IClassFixture<MemoryBroker>;

public sealed class UploadLimitTestsOnRabbitMq(SharedRabbit broker) : UploadLimitTests(broker);
