using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Streaming;

/// <summary>A call that this process serves, and that receives streams or reports progress, and returns one result.</summary>
internal sealed class ServedUpload(StreamOpening opening) : ServedCall(opening)
{
    private int _isOver;

    /// <summary>The grants, or that the call is open, were sent before the handler runs.</summary>
    public override Task Announced => Task.CompletedTask;

    /// <inheritdoc/>
    public override bool IsOver => Volatile.Read(ref _isOver) != 0;

    /// <summary>Runs the handler, and sends its result. Never fails.</summary>
    /// <param name="run">Runs the handler, and writes its result.</param>
    /// <param name="estate">What the call takes over.</param>
    public async Task RunAsync(Func<PooledBuffer, ValueTask> run, StreamEstate estate)
    {
        var result = new PooledBuffer();
        try
        {
            Begin(estate);
            Exception? failure = await RunAsync(run, result).ConfigureAwait(false);
            await EndAsync(estate, result, failure).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Metadata that does not fit into a frame, or a log or listener of the application that throws.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await PublishFaultAsync(StreamFaults.Create(FaultCodes.ResultTooLarge, "The reply cannot be sent.", e.Message)).ConfigureAwait(false);
        }
        finally
        {
            result.Release();
            await ReleaseAsync(estate).ConfigureAwait(false);
        }
    }

    /// <summary>The result is one message.</summary>
    protected override void OnGrant(in IncomingMessage message)
    {
    }

    /// <inheritdoc/>
    protected override void GiveUp()
    {
        if (TryEnd())
        {
            FireToken();
        }
    }

    private static async Task<Exception?> RunAsync(Func<PooledBuffer, ValueTask> run, PooledBuffer result)
    {
        try
        {
            await run(result).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // Every exception of a handler becomes a fault.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    private async Task EndAsync(StreamEstate estate, PooledBuffer result, Exception? failure)
    {
        StreamLinks links = Opening.Streams.Links;
        int limit = Math.Min(links.Settings.MaxMessageBytes, links.Limit.MaxBytes);
        failure ??= result.Length > limit ? new ResultTooLargeException(result.Length, limit) : null;
        await Opening.Parameters!.CompleteProgressAsync().ConfigureAwait(false);
        bool isWanted = TryEnd();
        string? code = null;
        if (isWanted)
        {
            ReadOnlyMemory<byte> body = failure is null ? result.Written : WriteFault(failure, out code);
            OutgoingMessage reply = Opening.Link.To(ServedFor!, failure is null ? null : WireNames.Fault, WireId, body) with { Headers = estate.Context.ReplyHeaders };
            await Opening.Link.SendAsync(this, reply).ConfigureAwait(false);
        }

        EndObservation(estate, isWanted, code, Opening.Parameters!.TakenItems, failure);
    }

    private bool TryEnd() => Interlocked.Exchange(ref _isOver, 1) == 0;
}
