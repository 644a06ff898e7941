namespace RpcGen.Cli.Calling;

/// <summary>Reads bytes of the standard input, whose reads cannot be interrupted: a cancelled one leaves its bytes to the next one. One reader at a time.</summary>
internal sealed class InputStream(Stream input) : Stream
{
    private const int BufferBytes = 64 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private Task<int>? _awaited;
    private ReadOnlyMemory<byte> _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_read.IsEmpty)
        {
            _awaited ??= Task.Run(() => input.Read(_buffer, 0, BufferBytes), CancellationToken.None);
            int count = await _awaited.WaitAsync(cancellationToken).ConfigureAwait(false);
            _awaited = null;
            _read = _buffer.AsMemory(0, count);
        }

        int length = Math.Min(buffer.Length, _read.Length);
        _read[..length].CopyTo(buffer);
        _read = _read[length..];
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
