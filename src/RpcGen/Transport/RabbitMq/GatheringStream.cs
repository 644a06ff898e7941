using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A connection's network stream with few system calls. The client library writes frame by frame:
/// <see cref="FrameGatherer"/> sends frames together. Reads fetch what has arrived, in larger pieces than the library asks
/// for. As in the library's use, one thread at a time writes, and one reads.
/// </summary>
internal sealed class GatheringStream : NetworkStream
{
    private readonly FrameGatherer _frames;
    private readonly ReadAhead _read = new(FrameGatherer.BufferSize);

    public GatheringStream(Socket socket)
        : base(socket) => _frames = new FrameGatherer(bytes => base.WriteAsync(bytes, CancellationToken.None), TimeProvider.System);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _frames.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Writes synchronously. Used only by the TLS handshake, before anything has gathered.</summary>
    public override void Write(ReadOnlySpan<byte> buffer) => WriteAsync(buffer.ToArray()).AsTask().GetAwaiter().GetResult();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read.HasData)
        {
            return new ValueTask<int>(_read.Take(buffer.Span));
        }

        bool isWaitForData = buffer.Length == 0;
        bool isLarge = buffer.Length >= FrameGatherer.BufferSize;
        if (isWaitForData || isLarge)
        {
            return base.ReadAsync(buffer, cancellationToken);
        }

        ValueTask<int> reading = base.ReadAsync(_read.Buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<int>(TakeRead(reading.Result, buffer)) : AwaitReadAsync(reading, buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitReadAsync(ValueTask<int> reading, Memory<byte> buffer) =>
        TakeRead(await reading.ConfigureAwait(false), buffer);

    private int TakeRead(int count, Memory<byte> buffer)
    {
        _read.Fill(count);
        return _read.Take(buffer.Span);
    }
}
