using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Streaming;

/// <summary>A source of bytes that notes how it is used: one read at a time, none after its disposal, and one disposal at most.</summary>
/// <param name="world">The schedule.</param>
/// <param name="owner">Whose source it is, for messages.</param>
/// <param name="plan">What it does.</param>
/// <param name="record">What it notes.</param>
internal sealed class WatchedBytes(World world, string owner, SourcePlan plan, SourceRecord record) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The byte at a place.</summary>
    public static byte At(long place) => (byte)((place * 31) + (place >> 8));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (record.IsMoving || record.Disposed > 0 || record.HasEnded || record.HasThrown)
        {
            world.Violate($"{owner} was read while it was being read, or after its end");
        }

        record.Opened = 1;
        record.IsMoving = true;
        try
        {
            if (plan.Pause > TimeSpan.Zero)
            {
                await Task.Delay(plan.Pause, world.Time, cancellationToken);
            }

            int count = (int)Math.Min(Math.Min(buffer.Length, plan.ItemLength), plan.Count - record.Produced);
            if (count == 0)
            {
                await SourceEnds.ReachAsync(world, plan, record, cancellationToken);
                return 0;
            }

            for (int place = 0; place < count; place++)
            {
                buffer.Span[place] = At(record.Produced + place);
            }

            record.Produced += count;
            return count;
        }
        finally
        {
            record.IsMoving = false;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw world.Violate($"{owner} was read synchronously");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (record.IsMoving || ++record.Disposed > 1)
        {
            world.Violate($"{owner} was disposed while it was being read, or twice");
        }

        record.OnDisposed?.Invoke();
        base.Dispose(disposing);
    }
}
