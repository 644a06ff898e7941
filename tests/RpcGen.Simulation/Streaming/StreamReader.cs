using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Streaming;

/// <summary>Reads what arrives, and checks that it is what was sent: in order, without a gap, nothing twice.</summary>
internal sealed class StreamReader(World world, string reader, StreamPlan plan, Action<long> onTaken)
{
    private const int BufferBytes = 600;

    /// <summary>Reads items. True if it has seen the end, false if it has left.</summary>
    public async Task<bool> ReadAsync(IAsyncEnumerable<Piece> pieces, CancellationToken cancellationToken)
    {
        if (plan.TakeAtMost == 0)
        {
            return false;
        }

        long taken = 0;
        await foreach (Piece piece in pieces.WithCancellation(cancellationToken))
        {
            Check(piece, taken);
            onTaken(++taken);
            if (plan.ReaderPause > TimeSpan.Zero)
            {
                await Task.Delay(plan.ReaderPause, world.Time, cancellationToken);
            }

            if (taken == plan.TakeAtMost)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>An item has come as the one of a number.</summary>
    public void Check(Piece piece, long number)
    {
        if (piece.Number != number || piece.Text.Length != plan.Source.ItemLength)
        {
            throw world.Violate($"{reader} got item {piece.Number} with {piece.Text.Length} characters as item {number}");
        }
    }

    /// <summary>Reads bytes. True if it has seen the end, false if it has left.</summary>
    public async Task<bool> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferBytes];
        long taken = 0;
        while (plan.TakeAtMost is not { } most || taken < most)
        {
            int wanted = (int)Math.Min(buffer.Length, (plan.TakeAtMost ?? long.MaxValue) - taken);
            int count = await stream.ReadAsync(buffer.AsMemory(0, wanted), cancellationToken);
            if (count == 0)
            {
                return true;
            }

            for (int place = 0; place < count; place++)
            {
                if (buffer[place] != WatchedBytes.At(taken + place))
                {
                    throw world.Violate($"{reader} got a wrong byte at {taken + place}");
                }
            }

            onTaken(taken += count);
            if (plan.ReaderPause > TimeSpan.Zero)
            {
                await Task.Delay(plan.ReaderPause, world.Time, cancellationToken);
            }
        }

        return false;
    }
}

/// <summary>Takes progress: values in order, one at a time, and none after the end of the call.</summary>
internal sealed class Meter(World world, StreamRecord call) : IProgress<long>
{
    private bool _isReporting;

    public void Report(long value)
    {
        if (_isReporting || value <= call.Received || call.EndedAt != 0)
        {
            world.Violate($"{call} got the progress {value} after {call.Received}, in another report, or after its end");
        }

        _isReporting = true;
        call.Received = value;
        _isReporting = false;
    }
}
