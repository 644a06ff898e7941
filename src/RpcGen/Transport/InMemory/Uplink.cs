namespace RpcGen.Transport.InMemory;

/// <summary>
/// The way from a connection to its broker. What comes in while the broker does not read is held up, and so is all that
/// comes after it, as in a socket.
/// </summary>
internal sealed class Uplink(InMemoryBroker broker)
{
    // As many as the client library for RabbitMQ queues frames for its socket.
    private const int Capacity = 128;

    private readonly Queue<HeldWork> _held = new();
    private TaskCompletionSource? _room;

    /// <summary>Whether the broker reads; under the gate.</summary>
    public bool IsFree(bool isPublish) => _held.Count == 0 && IsRead(isPublish);

    /// <summary>Does what was held up, as far as the broker reads; under the gate.</summary>
    public void Release()
    {
        while (_held.TryPeek(out HeldWork held) && IsRead(held.IsPublish))
        {
            _held.Dequeue();
            if (!held.Sender.IsClosed)
            {
                held.Work();
            }
        }

        if (_held.Count < Capacity)
        {
            _room?.SetResult();
            _room = null;
        }
    }

    /// <summary>Does what has no answer, or holds it up; where no more can be held, waits until it can be.</summary>
    public async ValueTask SendAsync(InMemoryLifetime sender, bool isPublish, Action work, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task room;
            lock (broker.Gate)
            {
                sender.ThrowIfClosed();
                if (IsFree(isPublish))
                {
                    work();
                    return;
                }

                if (_held.Count < Capacity)
                {
                    _held.Enqueue(new HeldWork(sender, isPublish, work));
                    return;
                }

                room = (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await Task.WhenAny(room, sender.Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Does what has an answer, when the broker reads it.</summary>
    public async Task<T> AskAsync<T>(InMemoryLifetime sender, Func<T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (broker.Gate)
        {
            sender.ThrowIfClosed();
            if (IsFree(isPublish: false))
            {
                return work();
            }

            _held.Enqueue(new HeldWork(sender, IsPublish: false, () => Answer(work, answer)));
        }

        await Task.WhenAny(answer.Task, sender.Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (broker.Gate)
        {
            // A refusal closes the sender first and answers then, inside the gate.
            if (!answer.Task.IsCompleted)
            {
                answer.SetException(new TransportClosedException(sender.Closed.Result, nothingSent: false));
            }
        }

        return await answer.Task.ConfigureAwait(false);
    }

    private bool IsRead(bool isPublish) => !broker.IsPaused && !(isPublish && broker.BlockedReason is not null);

    private static void Answer<T>(Func<T> work, TaskCompletionSource<T> answer)
    {
        try
        {
            answer.SetResult(work());
        }
        catch (TransportRefusedException refused)
        {
            answer.SetException(refused);
        }
    }

    private readonly record struct HeldWork(InMemoryLifetime Sender, bool IsPublish, Action Work);
}
