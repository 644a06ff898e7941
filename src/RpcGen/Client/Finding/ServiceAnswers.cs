using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Finding;

/// <summary>The answers to one search, as they arrive. Unreadable ones are ignored: any peer can send them.</summary>
internal sealed class ServiceAnswers(TimeProvider time, TimeSpan window) : ITransportConsumer
{
    /// <summary>The search ends when no answer has come for so long after another one.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    /// <summary>More answers at a time are dropped.</summary>
    private const int Capacity = 10_000;

    /// <summary>A larger answer is ignored.</summary>
    private const int MaxBytes = 64 << 10;

    private readonly Channel<RpcServiceInstance> _answers = Channel.CreateBounded<RpcServiceInstance>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<(string Queue, string Id)> _known = [];
    private readonly long _start = time.GetTimestamp();

    public void OnDelivered(in IncomingMessage message)
    {
        if (!message.IsUnreadable && string.IsNullOrEmpty(message.Type) && message.Body.Length <= MaxBytes && Read(message.Body.Span) is { } instance)
        {
            _answers.Writer.TryWrite(instance);
        }
    }

    public void OnCancelledByBroker() => _answers.Writer.TryComplete();

    /// <summary>The instances, each once, until the time is over or no further answer comes.</summary>
    /// <param name="closed">Completes when no answers can come any more.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async IAsyncEnumerable<RpcServiceInstance> ReadAsync(Task closed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using ITimer timer = time.CreateTimer(static ended => ((CancellationTokenSource)ended!).Cancel(), ended, Left(), Timeout.InfiniteTimeSpan);
        _ = closed.ContinueWith((_, answers) => ((ServiceAnswers)answers!)._answers.Writer.TryComplete(), this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (await MayReadAsync(ended.Token, cancellationToken).ConfigureAwait(false))
        {
            while (_answers.Reader.TryRead(out RpcServiceInstance? instance))
            {
                if (_known.Add((instance.Queue, instance.Instance.Id)))
                {
                    yield return instance;
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

    private static RpcServiceInstance? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, IntrospectionJsonContext.Default.RpcServiceInstance);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
