namespace RpcGen.Streams;

/// <summary>Enumerates the source of a stream, and has its items sent. The enumerator is disposed once, never while it is being moved.</summary>
/// <param name="sender">Sends the items.</param>
/// <param name="tryWrite">Writes an item. False if there is no room: it is called again then.</param>
/// <param name="time">Measures how long the source waits.</param>
internal sealed class StreamPump<TItem>(StreamSender sender, Func<TItem, bool> tryWrite, TimeProvider time)
{
    /// <summary>How long the source has waited for the receiver, or for the connection.</summary>
    public TimeSpan Stalled { get; private set; }

    /// <summary>Called before the source is waited for; null for nothing.</summary>
    public Action? OnWait { get; init; }

    /// <summary>Sends all items. Returns what the source has failed with; null for its end, or if nobody wants more. Never fails.</summary>
    public async Task<Exception?> RunAsync(IAsyncEnumerable<TItem> source, CancellationToken cancellationToken)
    {
        IAsyncEnumerator<TItem>? enumerator = null;
        Exception? failure = null;
        try
        {
            enumerator = source.GetAsyncEnumerator(cancellationToken);
            await SendItemsAsync(enumerator).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Every exception of a source ends its stream.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }

        return await DisposeAsync(enumerator).ConfigureAwait(false) is { } late ? failure ?? late : failure;
    }

    private async Task SendItemsAsync(IAsyncEnumerator<TItem> enumerator)
    {
        while (!sender.IsClosed)
        {
            ValueTask<bool> next = enumerator.MoveNextAsync();
            if (!next.IsCompleted)
            {
                OnWait?.Invoke();
            }

            if (!await next.ConfigureAwait(false))
            {
                return;
            }

            while (!tryWrite(enumerator.Current))
            {
                await WaitForRoomAsync().ConfigureAwait(false);
            }

            await WaitForRoomAsync().ConfigureAwait(false);
        }
    }

    private ValueTask WaitForRoomAsync()
    {
        ValueTask room = sender.WaitForRoomAsync();
        return room.IsCompleted ? room : MeasureAsync(room);
    }

    private async ValueTask MeasureAsync(ValueTask room)
    {
        long start = time.GetTimestamp();
        await room.ConfigureAwait(false);
        Stalled += time.GetElapsedTime(start);
    }

    private static async ValueTask<Exception?> DisposeAsync(IAsyncEnumerator<TItem>? enumerator)
    {
        if (enumerator is null)
        {
            return null;
        }

        try
        {
            await enumerator.DisposeAsync().ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }
}
