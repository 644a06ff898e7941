using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>
/// What connections, channels and publishers have in common at the process's end: they are open until the process knows
/// better, which is later than the broker does. What is sent in between is lost.
/// </summary>
internal abstract class WireLife(Flow up, Flow down)
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TransportClosure> Closed => _closed.Task;

    protected bool IsClosed => _closed.Task.IsCompleted;

    /// <summary>Frames to the broker.</summary>
    protected Flow Up => up;

    /// <summary>Frames from the broker.</summary>
    protected Flow Down => down;

    /// <summary>The process learns of the end.</summary>
    public virtual void End(TransportClosure closure) => _closed.TrySetResult(closure);

    protected void EndByOwner() => End(TransportClosure.ByOwner);

    /// <summary>Why nothing can be sent; null while it can.</summary>
    protected TransportClosedException? CheckOpen() => IsClosed ? new TransportClosedException(Closed.Result, nothingSent: true) : null;

    /// <summary>Asks the broker something and waits for its answer, both of which take their time on the wire.</summary>
    protected async Task<T> AskAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (CheckOpen() is { } closed)
        {
            throw closed;
        }

        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        up.Send(() => AnswerAsync(work, answer));
        await Task.WhenAny(answer.Task, Closed).WaitAsync(cancellationToken);
        return answer.Task.IsCompleted ? await answer.Task : throw new TransportClosedException(Closed.Result, nothingSent: false);
    }

    /// <summary>Does something at the broker's end that has no answer.</summary>
    protected void Tell(Func<ValueTask> work) => up.Send(async () =>
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException)
        {
            // Lost: the broker has closed the channel, and the process learns of that by itself.
        }
    });

    private async ValueTask AnswerAsync<T>(Func<Task<T>> work, TaskCompletionSource<T> answer)
    {
        try
        {
            T result = await work();
            down.Send(() => _ = answer.TrySetResult(result));
        }
        catch (TransportRefusedException refused)
        {
            down.Send(() =>
            {
                answer.TrySetException(refused);
                End(TransportClosure.ByBroker(refused.Code, refused.Message));
            });
        }
        catch (TransportClosedException)
        {
            // The answer is lost with the channel.
        }
#pragma warning disable CA1031 // The broker threw at the asker's expense.
        catch (Exception e)
#pragma warning restore CA1031
        {
            down.Send(() => _ = answer.TrySetException(e));
        }
    }
}
