using System.Security.Cryptography;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Streams of bytes in both directions.</summary>
public abstract class BytesTests(ITestBroker broker) : BytesTest(broker)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(131_064)]
    [InlineData(1_000_000)]
    public async Task Bytes_arrive_in_both_directions(int count)
    {
        byte[] bytes = Bytes(count);
        await ServeAsync(new Files(
            (_, _) => Task.FromResult<Stream>(new MemoryStream(bytes)),
            async (name, content, _) => name + Convert.ToHexString(SHA256.HashData(await ReadAllAsync(content)))));
        IFiles client = await CreateClientAsync();

        await using (Stream download = await client.DownloadAsync("x", Cancel).OrFail())
        {
            Assert.Equal(bytes, await ReadAllAsync(download));
        }

        using var source = new MemoryStream(bytes);
        Assert.Equal("x" + Convert.ToHexString(SHA256.HashData(bytes)), await client.UploadAsync("x", source, Cancel).OrFail());
        Assert.True(source.CanRead); // it is the caller's
    }

    [Fact]
    public async Task Both_ways_at_a_time()
    {
        await ServeAsync(new Files(convert: (content, _) => Task.FromResult<Stream>(new CryptoStream(content, new ToBase64Transform(), CryptoStreamMode.Read))));
        IFiles client = await CreateClientAsync();
        byte[] bytes = Bytes(400_000);

        await using Stream converted = await client.ConvertAsync(new MemoryStream(bytes), Cancel).OrFail();

        Assert.Equal(Convert.ToBase64String(bytes), System.Text.Encoding.ASCII.GetString(await ReadAllAsync(converted)));
    }

    [Fact]
    public async Task Reads_of_any_size_return_what_is_there()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(new LongStream(30) { OnRead = async (position, token) => await (position == 0 ? Task.CompletedTask : go.Task.WaitAsync(token)) })));
        IFiles client = await CreateClientAsync();
        await using Stream stream = await client.DownloadAsync("x", Cancel).OrFail();
        byte[] buffer = new byte[20];

        Assert.Equal(7, await stream.ReadAsync(buffer.AsMemory(0, 7), Cancel).AsTask().OrFail());
        Assert.Equal(20, await stream.ReadAsync(buffer, Cancel).AsTask().OrFail());
        Assert.Equal(Enumerable.Range(7, 20).Select(i => LongStream.At(i)), buffer);
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, Cancel).AsTask().OrFail());
        Assert.Equal(3, await stream.ReadAsync(buffer, Cancel).AsTask().OrFail());
        using var impatient = new CancellationTokenSource();
        Task<int> read = stream.ReadAsync(buffer, impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.OrFail()); // ends the read, and not the transfer
        go.SetResult();
        Assert.Equal(0, await stream.ReadAsync(buffer, Cancel).AsTask().OrFail());
        Assert.Equal(0, await stream.ReadAsync(buffer, Cancel).AsTask().OrFail());
        Assert.False(stream.CanSeek);
        Assert.Throws<NotSupportedException>(() => stream.Length);
    }

    [Fact]
    public async Task A_synchronous_reader_gets_the_bytes_too()
    {
        byte[] bytes = Bytes(200_000);
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(new MemoryStream(bytes))));
        IFiles client = await CreateClientAsync();

        using Stream stream = await client.DownloadAsync("x", Cancel).OrFail();
        using var all = new MemoryStream();
        await Task.Run(() => stream.CopyTo(all), Cancel).OrFail();

        Assert.Equal(bytes, all.ToArray());
    }

    [Fact]
    public async Task A_slow_reader_suspends_the_file_on_the_server()
    {
        const long Length = 5_000_000;
        var file = new LongStream(Length);
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(file)));
        IFiles client = await CreateClientAsync();
        await using Stream stream = await client.DownloadNarrowlyAsync("x", Cancel).OrFail();

        byte[] buffer = new byte[50_000];
        long read = 0;
        int count;
        while ((count = await stream.ReadAsync(buffer, Cancel).AsTask().OrFail()) > 0)
        {
            read += count;

            // The window, a message that exceeds it, one that is gathered, and a piece that is read.
            Assert.InRange(file.Position - read, 0, 4096 + (3 * 131_064) + 65_536);
        }

        Assert.Equal(Length, read);
    }

    [Fact]
    public async Task A_slow_handler_suspends_the_file_of_the_client()
    {
        const long Length = 5_000_000;
        var file = new LongStream(Length);
        await ServeAsync(new Files(upload: async (_, content, token) =>
        {
            byte[] buffer = new byte[50_000];
            long read = 0;
            int count;
            while ((count = await content.ReadAsync(buffer, token)) > 0)
            {
                read += count;
                Assert.InRange(file.Position - read, 0, 4096 + (3 * 131_064) + 65_536);
            }

            return read.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }));
        IFiles client = await CreateClientAsync();

        Assert.Equal("5000000", await client.UploadNarrowlyAsync("x", file, Cancel).OrFail());
        Assert.Equal(0, file.Disposals);
    }

    /// <summary>The recipe of docs/streams.md. RPCGEN_TEST_FILE_BYTES sets another length, such as 3 GB.</summary>
    [Fact]
    public async Task A_large_file_arrives_with_its_hash_in_constant_memory()
    {
        long length = long.TryParse(Environment.GetEnvironmentVariable("RPCGEN_TEST_FILE_BYTES"), out long wanted) ? wanted : 20_000_000;
        var file = new LongStream(length);
        await ServeAsync(new Files((_, _) => Task.FromResult<Stream>(file)));
        RpcConnection connection = await ConnectAsync();
        IFiles client = connection.CreateClient<IFiles>(ClientOptions);
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long ahead = 0;
        long read = 0;

        await using (Stream content = await client.DownloadAsync("x", Cancel))
        {
            byte[] buffer = new byte[81_920];
            int count;
            while ((count = await content.ReadAsync(buffer, Cancel).AsTask().OrFail()) > 0)
            {
                hash.AppendData(buffer, 0, count);
                read += count;
                ahead = Math.Max(ahead, file.Position - read);
            }
        }

        byte[] piece = new byte[1 << 16];
        for (long offset = 0; offset < length; offset += piece.Length)
        {
            int count = (int)Math.Min(piece.Length, length - offset);
            for (int i = 0; i < count; i++)
            {
                piece[i] = LongStream.At(offset + i);
            }

            expected.AppendData(piece, 0, count);
        }

        Assert.Equal(length, read);
        Assert.Equal(expected.GetHashAndReset(), hash.GetHashAndReset());
        Assert.InRange(ahead, 0, (1 << 20) + (3 * 131_064) + 65_536); // the largest window, for any length
        await Wait.UntilAsync(() => connection.Streams.Budget.Used == 0, "the window is given back");
        await file.Disposed.OrFail();
    }

    [Fact]
    public async Task The_description_marks_bytes()
    {
        await ServeAsync(new Files());
        RpcConnection connection = await ConnectAsync();

        RpcServiceDescription description = await connection.DescribeAsync(Queue, Cancel).OrFail();

        Assert.Equal("""{"type":"string","format":"binary"}""", description.Methods.Single(method => method.Name == "Download").Items?.ToString());
        string arguments = description.Methods.Single(method => method.Name == "Upload").Arguments.ToString();
        Assert.Equal("""{"type":"string","format":"binary","stream":true}""", System.Text.Json.Nodes.JsonNode.Parse(arguments)!["properties"]!["content"]!.ToJsonString());
    }
}

public sealed class BytesTestsInMemory(MemoryBroker broker) : BytesTests(broker), IClassFixture<MemoryBroker>;

public sealed class BytesTestsOnRabbitMq(SharedRabbit broker) : BytesTests(broker);
