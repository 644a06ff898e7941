using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>The base of tests of streams of bytes.</summary>
public abstract class BytesTest(ITestBroker broker) : EndToEndTest(broker)
{
    /// <summary>Serves on a connection of its own.</summary>
    protected async Task<RpcServer> ServeAsync(Files files, RpcServerOptions? options = null, RpcConnectionOptions? connection = null) =>
        await (await ConnectAsync(connection ?? new RpcConnectionOptions())).ServeAsync<IFiles>(files, new RpcServerOptions(options ?? ServerOptions) { Queue = Queue }, Cancel);

    /// <summary>A client on a connection of its own.</summary>
    protected async Task<IFiles> CreateClientAsync(RpcConnectionOptions? connection = null) => (await ConnectAsync(connection ?? new RpcConnectionOptions())).CreateClient<IFiles>(ClientOptions);

    /// <summary>Bytes that differ at each offset.</summary>
    protected static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    protected static async Task<byte[]> ReadAllAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, Cancel).OrFail();
        return all.ToArray();
    }

    /// <summary>A file that is as long as the test wants, and holds no bytes. It tells how much of it was read, and whether it is disposed.</summary>
    /// <param name="length">Its length.</param>
    protected sealed class LongStream(long length) : Stream
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _tokenFired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _position;

        /// <summary>What a read at an offset does first.</summary>
        public Func<long, CancellationToken, ValueTask>? OnRead { get; init; }

        public Task Disposed => _disposed.Task;

        /// <summary>Completes when the token of a read has fired.</summary>
        public Task TokenFired => _tokenFired.Task;

        public int Disposals { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => Volatile.Read(ref _position);
            set => throw new NotSupportedException();
        }

        public static byte At(long offset) => (byte)((offset * 31) + (offset >> 8));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using CancellationTokenRegistration registration = cancellationToken.Register(() => _tokenFired.TrySetResult());
            if (OnRead is not null)
            {
                await OnRead(_position, cancellationToken);
            }

            int count = (int)Math.Min(Math.Min(buffer.Length, 10_000), length - _position);
            for (int i = 0; i < count; i++)
            {
                buffer.Span[i] = At(_position + i);
            }

            Interlocked.Add(ref _position, count);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only asynchronous reads are expected.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            Disposals++;
            _disposed.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
