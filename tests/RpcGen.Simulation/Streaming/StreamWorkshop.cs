using System.Runtime.CompilerServices;
using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Streaming;

/// <summary>What the handlers of calls with streams do: what the call's plan says.</summary>
internal sealed class StreamWorkshop(World world, Instance instance)
{
    /// <summary>What a handler sees of the window of <see cref="IWorkshop.ListSparinglyAsync"/>, and the item that it is about to learn of.</summary>
    private const int Ahead = IWorkshop.SparingItems + 1;

    /// <summary>Returns a source of items.</summary>
    public IAsyncEnumerable<Piece> Produce(StreamShape shape, long id)
    {
        StreamRun run = Start(shape, id);
        run.Source.OnDisposed = () => world.Streams.EndRun(run);
        if (shape == StreamShape.ListSparingly)
        {
            run.Source.OnProduced = () =>
            {
                if (run.Source.Produced > run.Call.Received + Ahead)
                {
                    world.Violate($"{run.Call} has produced {run.Source.Produced} items, and {run.Call.Received} were taken");
                }
            };
        }

        return new WatchedSource(world, $"the handler of {run.Call}", run.Call.Plan.Source, run.Source);
    }

    /// <summary>Returns a source of bytes.</summary>
    public Stream ProduceBytes(long id)
    {
        StreamRun run = Start(StreamShape.Download, id);
        run.Source.OnDisposed = () => world.Streams.EndRun(run);
        return new WatchedBytes(world, $"the handler of {run.Call}", run.Call.Plan.Source, run.Source);
    }

    /// <summary>Reads the items of the client.</summary>
    public Task<long> TakeAsync(StreamShape shape, long id, IAsyncEnumerable<Piece> pieces, CancellationToken cancellationToken) =>
        TakeAsync(Start(shape, id), reader => reader.ReadAsync(pieces, cancellationToken));

    /// <summary>Reads the bytes of the client.</summary>
    public Task<long> TakeAsync(long id, Stream content, CancellationToken cancellationToken) =>
        TakeAsync(Start(StreamShape.Upload, id), reader => reader.ReadAsync(content, cancellationToken));

    /// <summary>Sends the items of the client back.</summary>
    public async IAsyncEnumerable<Piece> EchoAsync(long id, IAsyncEnumerable<Piece> pieces, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        StreamRun run = Start(StreamShape.Echo, id);
        var reader = new StreamReader(world, $"the handler of {run.Call}", run.Call.Plan, static _ => { });
        run.Source.Opened++;
        try
        {
            await foreach (Piece piece in pieces.WithCancellation(cancellationToken))
            {
                reader.Check(piece, run.Taken++);
                run.Source.Produced++;
                yield return piece;
            }

            run.HasSeenEnd = true;
            run.Source.HasEnded = true;
        }
        finally
        {
            run.Source.Disposed++;
            world.Streams.EndRun(run);
        }
    }

    /// <summary>Reports progress.</summary>
    public async Task<long> ReportAsync(long id, IProgress<long> progress, CancellationToken cancellationToken)
    {
        StreamRun run = Start(StreamShape.Report, id);
        try
        {
            for (int value = 1; value <= run.Call.Plan.Source.Count; value++)
            {
                if (run.Call.Plan.Source.Pause > TimeSpan.Zero)
                {
                    await Task.Delay(run.Call.Plan.Source.Pause, world.Time, cancellationToken);
                }

                progress.Report(value);
                run.Source.Produced = value;
            }

            return await EndAsync(run, run.Source.Produced, cancellationToken);
        }
        finally
        {
            world.Streams.EndRun(run);
        }
    }

    private async Task<long> TakeAsync(StreamRun run, Func<StreamReader, Task<bool>> read)
    {
        try
        {
            run.HasSeenEnd = await ReadAsync(run, read);
            return await EndAsync(run, run.Taken, CancellationToken.None);
        }
        finally
        {
            world.Streams.EndRun(run);
        }
    }

    private async Task<bool> ReadAsync(StreamRun run, Func<StreamReader, Task<bool>> read)
    {
        try
        {
            return await read(new StreamReader(world, $"the handler of {run.Call}", run.Call.Plan, taken => run.Taken = taken));
        }
        catch (Exception e)
        {
            run.ReadFailure = e;
            throw;
        }
    }

    private async Task<long> EndAsync(StreamRun run, long result, CancellationToken cancellationToken)
    {
        if (run.Call.Plan is { Shape: StreamShape.Report, Source.End: SourceEnd.Hangs })
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, world.Time, cancellationToken);
        }

        return run.Call.Plan.HandlerEnd switch
        {
            HandlerEnd.ThrowsDeclared => throw new JobFailedException("The job failed.", run.Call.Id),
            HandlerEnd.ThrowsOther => throw new InvalidOperationException("The handler failed."),
            _ => result,
        };
    }

    private StreamRun Start(StreamShape shape, long id)
    {
        if (id < 0 || id >= world.Streams.Calls.Count || world.Streams.Calls[(int)id] is not { } call || call.Plan.Shape != shape)
        {
            throw world.Violate($"a handler of {shape} on {instance.Name} got stream {id}, which nobody called like that");
        }

        if (instance.HasStopped)
        {
            world.Violate($"{call} runs on {instance.Name}, which has stopped");
        }

        bool isRedelivered = RpcCallContext.Current?.IsRedelivered ?? throw world.Violate($"{call} runs without a context");
        return world.Streams.StartRun(call, instance, isRedelivered);
    }
}
