namespace RpcGen.Generated;

/// <summary>
/// Ends the reading of large arguments at the call's deadline. Some values are much more expensive than their length, such as
/// sets with keys that collide on purpose.
/// </summary>
/// <param name="body">The request's body.</param>
/// <param name="time">The clock.</param>
/// <param name="deadline">The deadline, as a timestamp of the clock.</param>
internal sealed class ReadingDeadline(ReadOnlyMemory<byte> body, TimeProvider time, long deadline)
{
    /// <summary>Values from this length on are read in pieces, and the clock is looked at between them. Smaller ones cannot take long.</summary>
    public const int LargeBytes = 64 * 1024;

    /// <exception cref="ReadingDeadlineException">The deadline has passed.</exception>
    public void ThrowIfPassed()
    {
        if (time.GetTimestamp() >= deadline)
        {
            throw new ReadingDeadlineException();
        }
    }

    /// <summary>A part of the body, whose reading fails once the deadline has passed.</summary>
    public Stream Open(int start, int length) => new WatchedStream(this, body.Slice(start, length));

    private sealed class WatchedStream(ReadingDeadline deadline, ReadOnlyMemory<byte> content) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            deadline.ThrowIfPassed();
            int count = Math.Min(buffer.Length, content.Length - _position);
            content.Span.Slice(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>The deadline passed while arguments were read.</summary>
internal sealed class ReadingDeadlineException() : Exception("The deadline passed while the arguments were read.");
