using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>
/// Calls that still run although their channel is lost, because their handlers ignore their tokens. If the broker gives such a
/// request back to this server, its answer waits for the end of the run. While no run is lost, a call costs one comparison.
/// Thread-safe.
/// </summary>
internal sealed class LostRuns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string ReplyTo, CorrelationId Id), TaskCompletionSource> _runs = [];
    private volatile int _count;

    /// <summary>A call that runs has lost its channel.</summary>
    public void Add(string? replyTo, CorrelationId id)
    {
        if (!AgainMessages.IsUnderstoodAt(replyTo))
        {
            return; // its request is not sent back
        }

        lock (_gate)
        {
            _runs.TryAdd((replyTo!, id.Normalize()), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _count = _runs.Count;
        }
    }

    /// <summary>A call has ended. Called after the last moment at which it can be added.</summary>
    public void End(string? replyTo, CorrelationId id)
    {
        if (_count == 0 || replyTo is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_runs.Remove((replyTo, id.Normalize()), out TaskCompletionSource? run))
            {
                _count = _runs.Count;
                run.SetResult();
            }
        }
    }

    /// <summary>Completes when none of a message's calls runs any longer.</summary>
    public Task WhenOverAsync(ServerCall message)
    {
        if (_count == 0)
        {
            return Task.CompletedTask;
        }

        List<CorrelationId> ids = message.Kind == MessageKind.Batch ? ReadIds(message.Body.Span) : [message.Id];
        lock (_gate)
        {
            return Task.WhenAll([.. ids.Select(id => _runs.TryGetValue((message.Delivery.ReplyTo!, id.Normalize()), out TaskCompletionSource? run) ? run.Task : Task.CompletedTask)]);
        }
    }

    private static List<CorrelationId> ReadIds(ReadOnlySpan<byte> body)
    {
        var ids = new List<CorrelationId>();
        try
        {
            var reader = new BatchReader(body);
            while (reader.NextEntry())
            {
                ids.Add(reader.ReadId());
                reader.EndEntry();
            }
        }
        catch (JsonException)
        {
            // Only batches that can be read are sent back.
        }

        return ids;
    }
}
