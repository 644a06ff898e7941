using System.IO.Pipelines;
using RpcGen.Tests.Support;
using RpcGen.Transport.RabbitMq;
using static RpcGen.Tests.Transports.RabbitMq.AmqpBytes;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class GuardedReaderTests
{
    private static readonly byte[] Good = Message(1, Properties(Table(Entry("a", Text("b")))), [1, 2, 3]);
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task All_that_passes_the_guard_is_read_in_pieces_of_any_size()
    {
        var random = new Random(1);
        byte[] huge = HeaderFrame(Properties(Table(Entry("x", Text(new string('x', 100_000))))));
        byte[] stream = [.. Enumerable.Repeat(Good, 2000).SelectMany(message => message), .. huge, .. Good, .. huge, .. huge, .. Good];
        var reader = new GuardedReader(_pipe.Reader.AsStream());
        Task<byte[]> reading = ReadAllAsync(reader, random, TestContext.Current.CancellationToken);
        for (int at = 0; at < stream.Length;)
        {
            int size = Math.Min(random.Next(1, random.Next(2) == 0 ? 50 : 90_000), stream.Length - at);
            await _pipe.Writer.WriteAsync(stream.AsMemory(at, size), TestContext.Current.CancellationToken);
            at += size;
        }

        await _pipe.Writer.CompleteAsync();

        Assert.Equal(stream, await reading);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_read_of_nothing_waits_for_checked_octets()
    {
        var reader = new GuardedReader(_pipe.Reader.AsStream());
        byte[] header = HeaderFrame(Properties(Table()));
        await _pipe.Writer.WriteAsync(header.AsMemory(0, 20), TestContext.Current.CancellationToken);

        ValueTask<int> waiting = reader.ReadAsync(Memory<byte>.Empty, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        await _pipe.Writer.WriteAsync(header.AsMemory(20), TestContext.Current.CancellationToken);

        Assert.Equal(0, await waiting);
        Assert.Equal(header.Length, await reader.ReadAsync(new byte[1000], TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_end_between_frames_is_the_end()
    {
        var reader = new GuardedReader(new MemoryStream(Good));

        Assert.Equal(Good.Length, await reader.ReadAsync(new byte[1000], TestContext.Current.CancellationToken));
        Assert.Equal(0, await reader.ReadAsync(new byte[1000], TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_end_inside_a_frame_throws()
    {
        for (int length = 1; length < Good.Length; length++)
        {
            var reader = new GuardedReader(new MemoryStream(Good, 0, length));
            bool isBetweenFrames = length == Deliver(1).Length || length == Good.Length - Frame(Body, 1, [1, 2, 3]).Length;
            if (isBetweenFrames)
            {
                Assert.Equal(length, (await ReadAllAsync(reader, new Random(1), TestContext.Current.CancellationToken)).Length);
            }
            else
            {
                await Assert.ThrowsAsync<EndOfStreamException>(() => ReadAllAsync(reader, new Random(1), TestContext.Current.CancellationToken));
            }
        }
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_cancelled_read_loses_nothing()
    {
        var reader = new GuardedReader(_pipe.Reader.AsStream());
        await _pipe.Writer.WriteAsync(Good.AsMemory(0, 5), TestContext.Current.CancellationToken);
        using var cancellation = new CancellationTokenSource();
        ValueTask<int> reading = reader.ReadAsync(new byte[1000], cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.AsTask());

        await _pipe.Writer.WriteAsync(Good.AsMemory(5), TestContext.Current.CancellationToken);
        await _pipe.Writer.CompleteAsync();

        Assert.Equal(Good, await ReadAllAsync(reader, new Random(1), TestContext.Current.CancellationToken));
    }

    private static async Task<byte[]> ReadAllAsync(GuardedReader reader, Random random, CancellationToken cancellationToken)
    {
        var all = new MemoryStream();
        byte[] buffer = new byte[5000];
        while (true)
        {
            int count = await reader.ReadAsync(buffer.AsMemory(0, random.Next(1, buffer.Length)), cancellationToken);
            if (count == 0)
            {
                return all.ToArray();
            }

            all.Write(buffer, 0, count);
        }
    }
}
