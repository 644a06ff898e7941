using System.Net.Sockets;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A connection's network stream with few system calls, whose reads are checked. The client library writes frame by frame:
/// <see cref="FrameGatherer"/> sends frames together. Reads go through a <see cref="GuardedReader"/>. As in the library's
/// use, one thread at a time writes, and one reads.
/// </summary>
internal sealed class GatheringStream : NetworkStream
{
    private readonly Stream _wire;
    private readonly FrameGatherer _frames;
    private readonly GuardedReader _reader;

    /// <summary>Creates a stream, which owns <paramref name="wire"/>.</summary>
    /// <param name="socket">The connected socket. The library accepts only network streams, and these require one.</param>
    /// <param name="wire">The stream that carries the bytes: the socket's, or a TLS stream above it.</param>
    public GatheringStream(Socket socket, Stream wire)
        : base(socket)
    {
        _wire = wire;
        _frames = new FrameGatherer(bytes => wire.WriteAsync(bytes, CancellationToken.None), TimeProvider.System);
        _reader = new GuardedReader(wire);
    }

    /// <summary>How many octets have arrived, decrypted if the connection uses TLS. Any thread can read it.</summary>
    public long TotalReceived => _reader.TotalReceived;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _frames.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer) => throw SynchronousUse();

    public override void Write(byte[] buffer, int offset, int count) => throw SynchronousUse();

    public override int Read(Span<byte> buffer) => throw SynchronousUse();

    public override int Read(byte[] buffer, int offset, int count) => throw SynchronousUse();

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _wire.Dispose();
        }
    }

    /// <summary>The library reads and writes asynchronously only. The base class's other methods would bypass TLS and the guard.</summary>
    private static NotSupportedException SynchronousUse() => new("The stream is used asynchronously only.");
}
