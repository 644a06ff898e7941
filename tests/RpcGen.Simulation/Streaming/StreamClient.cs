using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Streaming;

/// <summary>Makes calls with streams, and notes their outcomes.</summary>
internal sealed class StreamClient(World world)
{
    /// <summary>Makes a call. Never throws.</summary>
    public async Task<StreamRecord> CallAsync(Process process, StreamPlan plan)
    {
        StreamRecord call = world.Streams.Begin(plan, process);
        using CancellationTokenSource cancel = plan.CancelAfter is { } delay ? new CancellationTokenSource(delay, world.Time) : new CancellationTokenSource();
        Task calling = CallAsync(call, cancel.Token);
        await calling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Exception? failure = calling.IsCanceled ? new TaskCanceledException(calling) : calling.Exception?.InnerException;
        if (call.Source is { } source && (source.IsMoving || (!plan.Shape.IsOfBytes() && source.Opened != source.Disposed)))
        {
            world.Violate($"{call} has ended, and its source is not disposed");
        }

        world.Streams.End(call, failure, cancel.IsCancellationRequested);
        return call;
    }

    private async Task CallAsync(StreamRecord call, CancellationToken token)
    {
        StreamPlan plan = call.Plan;
        IWorkshop client = call.Caller.ClientFor(plan.Queue).With(plan.Timeout);
        switch (plan.Shape)
        {
            case StreamShape.Store:
                call.Result = await client.StoreAsync(call.Id, NewSource(call), token);
                break;
            case StreamShape.StoreIdempotently:
                call.Result = await client.StoreIdempotentlyAsync(call.Id, NewSource(call), token);
                break;
            case StreamShape.Upload:
                await using (WatchedBytes content = NewBytes(call))
                {
                    call.Result = await client.UploadAsync(call.Id, content, token);
                    CheckUndisposed(call);
                }

                break;
            case StreamShape.Report:
                call.Result = await client.ReportAsync(call.Id, new Meter(world, call), token);
                break;
            case StreamShape.Download:
                await using (Stream content = await client.DownloadAsync(call.Id, token))
                {
                    call.HasLeft = !await NewReader(call).ReadAsync(content, token);
                }

                break;
            default:
                call.HasLeft = !await NewReader(call).ReadAsync(Enumerate(client, call, token), token);
                break;
        }
    }

    private IAsyncEnumerable<Piece> Enumerate(IWorkshop client, StreamRecord call, CancellationToken token) => call.Plan.Shape switch
    {
        StreamShape.List => client.ListAsync(call.Id, token),
        StreamShape.ListIdempotently => client.ListIdempotentlyAsync(call.Id, token),
        StreamShape.ListOnce => client.ListOnceAsync(call.Id, token),
        StreamShape.ListSparingly => client.ListSparinglyAsync(call.Id, token),
        StreamShape.ListNarrowly => client.ListNarrowlyAsync(call.Id, token),
        _ => client.EchoAsync(call.Id, NewSource(call), token),
    };

    private StreamReader NewReader(StreamRecord call) => new(world, call.ToString(), call.Plan, taken => call.Received = taken);

    private WatchedSource NewSource(StreamRecord call) => new(world, $"the source of {call}", call.Plan.Source, call.Source = new SourceRecord());

    private WatchedBytes NewBytes(StreamRecord call) => new(world, $"the source of {call}", call.Plan.Source, call.Source = new SourceRecord());

    private void CheckUndisposed(StreamRecord call)
    {
        if (call.Source!.Disposed > 0)
        {
            world.Violate($"{call} has disposed its caller's stream");
        }
    }
}
