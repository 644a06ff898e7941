using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>How uploads end before their source does: handlers that want no more, failures both ways, cancellation, limits of time.</summary>
public abstract class UploadEndTests(ITestBroker broker) : UploadTest(broker)
{
    [Fact]
    public async Task A_handler_that_wants_no_more_stops_the_source_and_answers_later()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            Parcel first = await parcels.FirstAsync(token);
            await go.Task.WaitAsync(token);
            return new Receipt(first.Number, name);
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(5);
        Task<Receipt> storing = client.StoreAsync("x", source, Cancel);

        await source.TokenFired.OrFail();
        await source.Disposed.OrFail();
        Assert.False(storing.IsCompleted);
        go.SetResult();

        Assert.Equal(5, (await storing.OrFail()).Count);
        Assert.Empty(source.Misuses);
    }

    [Fact]
    public async Task A_handler_that_never_reads_answers_and_the_source_is_disposed_before_the_caller_goes_on()
    {
        await ServeAsync((name, _, _) => Task.FromResult(new Receipt(0, name)));
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();

        Assert.Equal(0, (await client.StoreAsync("x", source, Cancel).OrFail()).Count);

        Assert.Equal(source.Runs, source.Disposals);
        Assert.Empty(source.Misuses);
    }

    [Fact]
    public async Task A_declared_fault_of_the_handler_reaches_the_caller_as_its_type()
    {
        await ServeAsync(async (_, parcels, token) =>
        {
            int count = await parcels.Take(2).CountAsync(token);
            throw new FeedBrokenException("broken", count);
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write(0, 1, 2);

        var broken = await Assert.ThrowsAsync<FeedBrokenException>(() => client.StoreAsync("x", source, Cancel).OrFail());

        Assert.Equal(2, broken.Number);
        Assert.Equal((1, 1), (source.Runs, source.Disposals));
        Assert.Empty(source.Misuses);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_failure_of_the_source_reaches_the_caller_and_the_handler_after_the_items_before_it(int items)
    {
        var seen = new TaskCompletionSource<(int Count, Exception Failure)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            int count = 0;
            try
            {
                await foreach (Parcel _ in parcels.WithCancellation(token))
                {
                    count++;
                }
            }
            catch (Exception e)
            {
                seen.SetResult((count, e));
                throw;
            }

            return new Receipt(count, name);
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        source.Write([.. Enumerable.Range(0, items)]);
        source.End(new InvalidDataException("the disk is broken"));

        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => client.StoreAsync("x", source, Cancel).OrFail());

        Assert.Equal("the disk is broken", failure.Message);
        (int count, Exception seenFailure) = await seen.Task.OrFail();
        var cancelled = Assert.IsType<RpcRemoteException>(seenFailure);
        Assert.Equal((items, "cancelled"), (count, cancelled.Code));
        Assert.DoesNotContain("disk", cancelled.Message, StringComparison.Ordinal);
        Assert.Empty(source.Misuses);
    }

    [Fact]
    public async Task A_source_that_cannot_even_be_enumerated_or_disposed_fails_the_call()
    {
        await ServeAsync(CountAsync);
        IIntake client = await CreateClientAsync();

        await Assert.ThrowsAsync<InvalidDataException>(() => client.StoreAsync("x", new Broken(inDispose: false), Cancel).OrFail());
        await Assert.ThrowsAsync<InvalidDataException>(() => client.StoreAsync("x", new Broken(inDispose: true), Cancel).OrFail());
        Assert.Equal(1, (await client.StoreAsync("x", ParcelsAsync(1, cancellationToken: Cancel), Cancel).OrFail()).Count);
    }

    [Fact]
    public async Task Items_that_break_the_contract_are_not_sent()
    {
        await ServeAsync(CountAsync);
        IIntake client = await CreateClientAsync();

        var invalid = await Assert.ThrowsAsync<RpcValidationException>(() =>
            client.StoreAsync("x", new[] { Parcel(0), Parcel(1), new Parcel(-1, "") }.ToAsyncEnumerable(), Cancel).OrFail());
        Assert.Equal(["parcels[2].number", "parcels[2].text"], invalid.Errors.Keys.Order(StringComparer.Ordinal));
        var isNull = await Assert.ThrowsAsync<RpcValidationException>(() => client.StoreAsync("x", new Parcel[] { null! }.ToAsyncEnumerable(), Cancel).OrFail());
        Assert.Equal(["parcels[0]"], isNull.Errors.Keys);
        var noSource = await Assert.ThrowsAsync<RpcValidationException>(() => client.StoreAsync(null!, null!, Cancel).OrFail());
        Assert.Equal(["name", "parcels"], noSource.Errors.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_token_of_the_call_ends_both_sides()
    {
        var fired = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, parcels, token) =>
        {
            try
            {
                return await CountAsync(name, parcels, CancellationToken.None); // the read ends without the token, too
            }
            catch (Exception e)
            {
                Assert.True(token.IsCancellationRequested);
                fired.SetResult(e);
                throw;
            }
        });
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();
        using var caller = new CancellationTokenSource();
        Task<Receipt> storing = client.StoreAsync("x", source, caller.Token);
        source.Write(0);
        await Wait.UntilAsync(() => source.Taken == 1, "the source is read");

        await caller.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => storing.OrFail());
        Assert.Equal(caller.Token, cancelled.CancellationToken);
        Assert.Equal((1, 1), (source.Runs, source.Disposals));
        Assert.IsAssignableFrom<OperationCanceledException>(await fired.Task.OrFail());
        Assert.Empty(source.Misuses);
    }

    [Fact]
    public async Task A_token_that_has_fired_sends_nothing()
    {
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.StoreAsync("x", source, new CancellationToken(canceled: true)).OrFail());

        Assert.Equal(0, source.Runs);
    }

    [Fact]
    public async Task Without_a_queue_the_source_is_not_touched()
    {
        IIntake client = await CreateClientAsync();
        var source = new ParcelSource();

        var unavailable = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.StoreAsync("x", source, Cancel).OrFail());

        Assert.Equal((RpcUnavailableReason.NoQueue, 0), (unavailable.Reason, source.Runs));
    }

    private sealed class Broken(bool inDispose) : IAsyncEnumerable<Parcel>, IAsyncEnumerator<Parcel>
    {
        public Parcel Current => Parcel(0);

        public IAsyncEnumerator<Parcel> GetAsyncEnumerator(CancellationToken cancellationToken = default) => inDispose ? this : throw new InvalidDataException("no enumerator");

        public ValueTask<bool> MoveNextAsync() => new(false);

        public ValueTask DisposeAsync() => throw new InvalidDataException("not disposed");
    }
}

public sealed class UploadEndTestsInMemory(MemoryBroker broker) : UploadEndTests(broker), IClassFixture<MemoryBroker>;

public sealed class UploadEndTestsOnRabbitMq(SharedRabbit broker) : UploadEndTests(broker);
