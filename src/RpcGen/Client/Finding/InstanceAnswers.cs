using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Finding;

/// <summary>The answers of instances to one question, as they arrive. Unreadable ones are ignored: any peer can send them.</summary>
/// <typeparam name="T">An answer.</typeparam>
/// <param name="question">The question.</param>
/// <param name="queue">The queue that was asked; null for all. Answers for another one are ignored.</param>
/// <param name="time">The clock.</param>
/// <param name="window">How long answers are awaited at most.</param>
internal sealed class InstanceAnswers<T>(InstanceQuestion<T> question, string? queue, TimeProvider time, TimeSpan window) : ITransportConsumer
    where T : class
{
    /// <summary>Nothing more is awaited when no answer has come for so long after another one.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    /// <summary>Further instances are not reported, and further bytes are not read: any peer that can see the question can answer it, as often as it likes.</summary>
    private const int MaxInstances = 10_000;
    private const long MaxTotalBytes = 64 << 20;

    private readonly Channel<T> _answers = Channel.CreateBounded<T>(new BoundedChannelOptions(question.MaxWaiting) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<(string Queue, string Id)> _known = [];
    private readonly long _start = time.GetTimestamp();
    private byte[]? _refusal;
    private long _bytes;

    /// <summary>The fault with which the first instance refused to answer; null if none did.</summary>
    public byte[]? Refusal => Volatile.Read(ref _refusal);

    public void OnDelivered(in IncomingMessage message)
    {
        if (message.IsUnreadable || message.Body.Length > question.MaxBytes || (_bytes += message.Body.Length) > MaxTotalBytes)
        {
            return;
        }

        switch (MessageKinds.OfReply(message.Type))
        {
            case MessageKind.Result when InstanceAnswers.TryRead(question, message.Body) is { } answer:
                _answers.Writer.TryWrite(answer);
                break;
            case MessageKind.Fault when _refusal is null:
                Volatile.Write(ref _refusal, message.Body.ToArray());
                break;
        }
    }

    public void OnCancelledByBroker() => _answers.Writer.TryComplete();

    /// <summary>The answers, one of each instance, until the time is over or no further answer comes.</summary>
    /// <param name="closed">Completes when no answers can come any more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<T> ReadAsync(Task closed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using ITimer timer = time.CreateTimer(static ended => ((CancellationTokenSource)ended!).Cancel(), ended, Left(), Timeout.InfiniteTimeSpan);
        _ = closed.ContinueWith((_, answers) => ((InstanceAnswers<T>)answers!)._answers.Writer.TryComplete(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (_known.Count < MaxInstances && await MayReadAsync(ended.Token, cancellationToken).ConfigureAwait(false))
        {
            while (_known.Count < MaxInstances && _answers.Reader.TryRead(out T? answer))
            {
                RpcServiceInstance instance = question.InstanceOf(answer);
                if (instance is { Queue.Length: > 0, Instance.Id.Length: > 0 } && (queue is null || instance.Queue == queue) && _known.Add((instance.Queue, instance.Instance.Id)))
                {
                    yield return answer;
                }
            }

            TimeSpan left = Left();
            timer.Change(left < Quiet ? left : Quiet, Timeout.InfiniteTimeSpan);
        }
    }

    private async ValueTask<bool> MayReadAsync(CancellationToken ended, CancellationToken cancellationToken)
    {
        try
        {
            return await _answers.Reader.WaitToReadAsync(ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false; // the time is over
        }
    }

    private TimeSpan Left()
    {
        TimeSpan left = window - time.GetElapsedTime(_start);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}

/// <summary>Reads answers.</summary>
internal static class InstanceAnswers
{
    /// <summary>Reads an answer; null if it is none.</summary>
    public static T? TryRead<T>(InstanceQuestion<T> question, ReadOnlyMemory<byte> body)
        where T : class
    {
        try
        {
            return body.Length > question.MaxBytes ? null : question.Read(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
