using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Streaming;

/// <summary>An item of a stream.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Text">A text of the planned length.</param>
public sealed record Piece(long Number, string Text);

/// <summary>A source of items that notes how it is used. It must be enumerated once, and disposed once, never while it is being moved.</summary>
/// <param name="world">The schedule.</param>
/// <param name="owner">Whose source it is, for messages.</param>
/// <param name="plan">What it does.</param>
/// <param name="record">What it notes.</param>
internal sealed class WatchedSource(World world, string owner, SourcePlan plan, SourceRecord record) : IAsyncEnumerable<Piece>, IAsyncEnumerator<Piece>
{
    private readonly string _text = new('x', plan.ItemLength);
    private CancellationToken _token;
    private Piece? _current;

    public Piece Current => _current ?? throw world.Violate($"an item was taken from {owner}, which has none");

    public IAsyncEnumerator<Piece> GetAsyncEnumerator(CancellationToken cancellationToken)
    {
        if (++record.Opened > 1)
        {
            world.Violate($"{owner} was enumerated {record.Opened} times");
        }

        _token = cancellationToken;
        return this;
    }

    public ValueTask<bool> MoveNextAsync()
    {
        if (record.IsMoving || record.Disposed > 0 || record.HasEnded || record.HasThrown)
        {
            world.Violate($"{owner} was asked for an item while it was being moved, or after its end");
        }

        record.IsMoving = true;
        return MoveAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (record.IsMoving || ++record.Disposed > 1)
        {
            world.Violate($"{owner} was disposed while it was being moved, or twice");
        }

        if (plan.DisposePause > TimeSpan.Zero)
        {
            await Task.Delay(plan.DisposePause, world.Time);
        }

        record.OnDisposed?.Invoke();
    }

    private async ValueTask<bool> MoveAsync()
    {
        try
        {
            if (plan.Pause > TimeSpan.Zero)
            {
                await Task.Delay(plan.Pause, world.Time, _token);
            }

            if (record.Produced == plan.Count)
            {
                await SourceEnds.ReachAsync(world, plan, record, _token);
                return false;
            }

            _current = new Piece(record.Produced++, _text);
            record.OnProduced?.Invoke();
            return true;
        }
        finally
        {
            record.IsMoving = false;
        }
    }
}

/// <summary>The ends of sources.</summary>
internal static class SourceEnds
{
    /// <summary>A source has nothing left to give.</summary>
    public static async ValueTask ReachAsync(World world, SourcePlan plan, SourceRecord record, CancellationToken token)
    {
        if (plan.End == SourceEnd.Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, world.Time, token);
        }

        record.HasThrown = plan.End != SourceEnd.Ends;
        record.HasEnded = plan.End == SourceEnd.Ends;
        switch (plan.End)
        {
            case SourceEnd.ThrowsDeclared:
                throw new JobFailedException("The source failed.", plan.Count);
            case SourceEnd.ThrowsOther:
                throw new InvalidOperationException("The source failed.");
        }
    }
}
