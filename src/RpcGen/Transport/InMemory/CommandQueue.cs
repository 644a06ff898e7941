using System.Diagnostics;

namespace RpcGen.Transport.InMemory;

/// <summary>
/// What a connection sends to its broker. While the broker does not read, commands wait here in order, as in a socket's
/// buffer. Its state is guarded by the broker's gate.
/// </summary>
internal sealed class CommandQueue(InMemoryBroker broker)
{
    /// <summary>As many frames as RabbitMQ.Client queues for its socket.</summary>
    private const int Capacity = 128;

    private readonly Queue<Command> _waiting = new();
    private TaskCompletionSource? _roomFreed;

    /// <summary>Whether the broker would read a command at once. Used while holding the gate.</summary>
    public bool CanRunNow(bool isPublish) => _waiting.Count == 0 && IsRead(isPublish);

    /// <summary>Runs the waiting commands that the broker reads. Used while holding the gate.</summary>
    public void RunWaiting()
    {
        while (_waiting.TryPeek(out Command command) && IsRead(command.IsPublish))
        {
            _waiting.Dequeue();
            if (!command.Sender.IsClosed)
            {
                command.Work();
            }
        }

        if (_waiting.Count < Capacity)
        {
            _roomFreed?.SetResult();
            _roomFreed = null;
        }
    }

    /// <summary>Runs a command that has no answer, or lets it wait. If too many wait, completes when this one can.</summary>
    public async ValueTask SendAsync(InMemoryLifetime sender, bool isPublish, Action work, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task roomFreed;
            lock (broker.Gate)
            {
                sender.ThrowIfClosed();
                if (CanRunNow(isPublish))
                {
                    work();
                    return;
                }

                if (_waiting.Count < Capacity)
                {
                    _waiting.Enqueue(new Command(sender, isPublish, work));
                    return;
                }

                roomFreed = (_roomFreed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }

            await Task.WhenAny(roomFreed, sender.Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a command that has an answer, when the broker reads it.</summary>
    public async Task<T> AskAsync<T>(InMemoryLifetime sender, Func<T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (broker.Gate)
        {
            sender.ThrowIfClosed();
            if (CanRunNow(isPublish: false))
            {
                return work();
            }

            _waiting.Enqueue(new Command(sender, IsPublish: false, () => Answer(work, answer)));
        }

        await Task.WhenAny(answer.Task, sender.Closed).WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (broker.Gate)
        {
            // A refusal closes the sender before it sets the answer, both while holding the gate.
            if (!answer.Task.IsCompleted)
            {
                Debug.Assert(sender.IsClosed, "Otherwise there is an answer.");
                answer.SetException(new TransportClosedException(sender.Closed.Result, nothingSent: false));
            }
        }

        return await answer.Task.ConfigureAwait(false);
    }

    private bool IsRead(bool isPublish)
    {
        bool isBlocked = isPublish && broker.BlockedReason is not null;
        return !broker.IsPaused && !isBlocked;
    }

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

    private readonly record struct Command(InMemoryLifetime Sender, bool IsPublish, Action Work);
}
