using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>How streams of bytes end before their end.</summary>
public abstract class BytesEndTests(IBreakableBroker broker) : BytesTest(broker)
{
    /// <summary>A file that fails, or never goes on, after so many bytes.</summary>
    private static LongStream Broken(long after, Exception? exception = null) => new(long.MaxValue)
    {
        OnRead = async (position, token) => await (position < after ? Task.CompletedTask : exception is null ? Task.Delay(Timeout.Infinite, token) : Task.FromException(exception)),
    };

    [Fact]
    public async Task A_reader_that_leaves_ends_the_download()
    {
        LongStream file = Broken(after: 10_000);
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(file)));
        IFiles client = await CreateClientAsync();
        Stream stream = await client.DownloadAsync("x", Cancel).OrFail();
        await stream.ReadExactlyAsync(new byte[10_000], Cancel).AsTask().OrFail();

        await stream.DisposeAsync().AsTask().OrFail();

        await file.TokenFired.OrFail();
        await file.Disposed.OrFail();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => stream.ReadAsync(new byte[1], Cancel).AsTask().OrFail());
        await stream.DisposeAsync();
        Assert.Equal(1, file.Disposals);
    }

    [Fact]
    public async Task Disposal_during_a_read_ends_the_read()
    {
        LongStream file = Broken(after: 1);
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(file)));
        IFiles client = await CreateClientAsync();
        Stream stream = await client.DownloadAsync("x", Cancel).OrFail();
        await stream.ReadExactlyAsync(new byte[10_000], Cancel).AsTask().OrFail();
        Task<int> read = stream.ReadAsync(new byte[1], Cancel).AsTask();

        await stream.DisposeAsync().AsTask().OrFail();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => read.OrFail());
        await file.Disposed.OrFail();
    }

    [Fact]
    public async Task The_token_of_the_call_ends_the_download_between_two_reads()
    {
        LongStream file = Broken(after: 10_000);
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(file)));
        IFiles client = await CreateClientAsync();
        using var caller = new CancellationTokenSource();
        await using Stream stream = await client.DownloadAsync("x", caller.Token).OrFail();
        await stream.ReadExactlyAsync(new byte[5_000], Cancel).AsTask().OrFail();

        await caller.CancelAsync();

        await file.Disposed.OrFail();
        await stream.ReadExactlyAsync(new byte[5_000], Cancel).AsTask().OrFail(); // of a piece that was taken before
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.ReadAsync(new byte[1], Cancel).AsTask().OrFail());
    }

    [Fact]
    public async Task A_failure_midway_arrives_after_the_bytes_before_it_and_stays()
    {
        LongStream file = Broken(after: 20_000, new FeedBrokenException("broken", 7));
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(file)));
        IFiles client = await CreateClientAsync();
        await using Stream stream = await client.DownloadAsync("x", Cancel).OrFail();

        await stream.ReadExactlyAsync(new byte[20_000], Cancel).AsTask().OrFail();

        Assert.Equal(7, (await Assert.ThrowsAsync<FeedBrokenException>(() => stream.ReadAsync(new byte[1], Cancel).AsTask().OrFail())).Number);
        await Assert.ThrowsAsync<FeedBrokenException>(() => stream.ReadAsync(new byte[1], Cancel).AsTask().OrFail()); // not the end
        await file.Disposed.OrFail();
    }

    [Fact]
    public async Task A_handler_that_fails_before_it_returns_fails_the_call()
    {
        await ServeAsync(new Files((name, _) => name == "null" ? Task.FromResult<Stream>(null!) : throw new FeedBrokenException("none", 3)));
        IFiles client = await CreateClientAsync();

        Assert.Equal(3, (await Assert.ThrowsAsync<FeedBrokenException>(() => client.DownloadAsync("x", Cancel).OrFail())).Number);
        await Assert.ThrowsAsync<RpcRemoteException>(() => client.DownloadAsync("null", Cancel).OrFail());
        var missing = await Assert.ThrowsAsync<RpcValidationException>(() => client.UploadAsync("x", null!, Cancel).OrFail());
        Assert.Contains("content", missing.Errors.Keys);
    }

    [Fact]
    public async Task A_handler_that_wants_no_more_ends_the_upload()
    {
        LongStream file = Broken(after: 10_000);
        await ServeAsync(new Files(upload: async (_, content, token) =>
        {
            await content.ReadExactlyAsync(new byte[10_000], token);
            await content.DisposeAsync();
            await file.TokenFired.WaitAsync(token); // before the handler has ended
            return "enough";
        }));
        IFiles client = await CreateClientAsync();

        Assert.Equal("enough", await client.UploadAsync("x", file, Cancel).OrFail());
        Assert.Equal(0, file.Disposals);
    }

    [Fact]
    public async Task A_handler_that_reads_nothing_ends_the_upload()
    {
        Stream? kept = null;
        LongStream file = Broken(after: 0);
        await ServeAsync(new Files(upload: (_, content, _) => Task.FromResult((kept = content).CanRead.ToString())));
        IFiles client = await CreateClientAsync();

        Assert.Equal("True", await client.UploadAsync("x", file, Cancel).OrFail());

        await Assert.ThrowsAsync<InvalidOperationException>(() => kept!.ReadAsync(new byte[1], Cancel).AsTask().OrFail());
        await kept!.DisposeAsync();
    }

    [Fact]
    public async Task A_failure_of_the_source_reaches_both_sides()
    {
        var seen = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(new Files(upload: async (_, content, token) =>
        {
            await content.ReadExactlyAsync(new byte[20_000], token);
            seen.SetResult(await Record.ExceptionAsync(() => content.ReadAsync(new byte[1], token).AsTask()));
            return "";
        }));
        IFiles client = await CreateClientAsync();

        await Assert.ThrowsAsync<InvalidDataException>(() => client.UploadAsync("x", Broken(after: 20_000, new InvalidDataException("mine")), Cancel).OrFail());

        Assert.Equal("cancelled", Assert.IsType<RpcRemoteException>(await seen.Task.OrFail()).Code);
    }

    [Fact]
    public async Task A_cancelled_upload_ends_on_both_sides()
    {
        var seen = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(new Files(upload: async (_, content, token) =>
        {
            await content.ReadExactlyAsync(new byte[10_000], token);
            seen.SetResult(await Record.ExceptionAsync(() => content.ReadAsync(new byte[1], CancellationToken.None).AsTask()));
            return "";
        }));
        IFiles client = await CreateClientAsync();
        LongStream file = Broken(after: 10_000);
        using var caller = new CancellationTokenSource();
        Task<string> uploading = client.UploadAsync("x", file, caller.Token);
        await Wait.UntilAsync(() => file.Position == 10_000, "the file is read");

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => uploading.OrFail());
        Assert.IsAssignableFrom<OperationCanceledException>(await seen.Task.OrFail());
    }

    [Fact]
    public async Task A_lost_connection_ends_the_download_and_disposes_the_file()
    {
        LongStream file = Broken(after: 10_000);
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(file)));
        IFiles client = await CreateClientAsync();
        await using Stream stream = await client.DownloadAsync("x", Cancel).OrFail();
        await stream.ReadExactlyAsync(new byte[10_000], Cancel).AsTask().OrFail();

        await broker.CloseConnectionsAsync();

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => stream.ReadAsync(new byte[1], Cancel).AsTask().OrFail());
        Assert.Equal(10_000, lost.ItemsReceived);
        await file.Disposed.OrFail();
    }

    [Fact]
    public async Task Transfers_that_end_at_any_point_leave_nothing_behind()
    {
        const int Calls = 200;
        var files = new System.Collections.Concurrent.ConcurrentBag<LongStream>();
        RpcConnection serving = await ConnectAsync();
        await serving.ServeAsync<IFiles>(
            new Files(
                (name, _) =>
                {
                    LongStream file = Broken(after: int.Parse(name, System.Globalization.CultureInfo.InvariantCulture), name.EndsWith('1') ? new FeedBrokenException("broken", 0) : null);
                    files.Add(file);
                    return Task.FromResult<Stream>(file);
                },
                async (name, content, token) =>
                {
                    await content.ReadExactlyAsync(new byte[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)], token);
                    return name;
                }),
            ServerOptions,
            Cancel);
        RpcConnection calling = await ConnectAsync();
        IFiles client = calling.CreateClient<IFiles>(ClientOptions);

        await Parallel.ForEachAsync(Enumerable.Range(0, Calls), new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = Cancel }, async (i, _) =>
        {
            var random = new Random(i);
            using var caller = new CancellationTokenSource();
            string name = random.Next(100_000).ToString(System.Globalization.CultureInfo.InvariantCulture);
            try
            {
                if (random.Next(2) == 0)
                {
                    caller.CancelAfter(random.Next(100));
                    await client.UploadNarrowlyAsync(name, Broken(after: random.Next(100_000)), caller.Token);
                    return;
                }

                caller.CancelAfter(random.Next(200));
                await using Stream stream = await client.DownloadNarrowlyAsync(name, caller.Token);
                await stream.ReadAtLeastAsync(new byte[random.Next(1, 100_000)], 1, cancellationToken: Cancel);
            }
            catch (Exception e) when (e is OperationCanceledException or FeedBrokenException or EndOfStreamException)
            {
            }
        }).OrFail();

        await Wait.UntilAsync(
            () => calling.Streams.Current is { Calls: 0 } && serving.Streams.Current is { Calls: 0 } && calling.Streams.Budget.Used == 0 && serving.Streams.Budget.Used == 0,
            $"nothing is left: {calling.Streams.Current?.Calls} and {serving.Streams.Current?.Calls} calls, {calling.Streams.Budget.Used} and {serving.Streams.Budget.Used} bytes");
        await Wait.UntilAsync(() => files.All(file => file.Disposals == 1), "every file is disposed once");
    }
}

public sealed class BytesEndTestsInMemory(MemoryBroker broker) : BytesEndTests(broker), IClassFixture<MemoryBroker>;

public sealed class BytesEndTestsOnRabbitMq(PrivateRabbit broker) : BytesEndTests(broker), IClassFixture<PrivateRabbit>;
