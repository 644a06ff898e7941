using System.Collections.Concurrent;
using System.Threading.Channels;
using RpcGen.Client.Finding;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Watching;

/// <summary>
/// Watches instances: asks them to tell of the calls that end, keeps what they tell until it is read, and asks again before they stop. Thread-safe.
/// </summary>
internal sealed class CallWatcher : ITransportConsumer, IAsyncDisposable
{
    /// <summary>How long an instance tells of its calls without being asked again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>The pause between two questions. Instances that have started meanwhile are found then.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Further events are only counted, until some are read.</summary>
    public const int MaxWaiting = 10_000;

    private const int MaxInstances = 10_000;

    private readonly Channel<RpcCallEvent> _events = Channel.CreateBounded<RpcCallEvent>(new BoundedChannelOptions(MaxWaiting) { SingleReader = false });
    private readonly ConcurrentDictionary<string, RpcServiceInstance> _instances = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _disposed = new();
    private readonly InstanceAsker _asker;
    private readonly InstanceAnswers<RpcServiceInstance> _answers;
    private readonly SessionSettings _settings;
    private readonly TimeProvider _time;
    private readonly string? _queue;
    private readonly OutgoingMessage _question;
    private AskedInstances? _asked;
    private Task _asking = Task.CompletedTask;
    private long _omitted;

    /// <param name="asker">Asks the instances.</param>
    /// <param name="queue">The queue that they serve; null for all.</param>
    /// <param name="filter">Which calls.</param>
    /// <param name="settings">The settings, for messages.</param>
    /// <param name="time">The clock.</param>
    public CallWatcher(InstanceAsker asker, string? queue, RpcWatchFilter filter, SessionSettings settings, TimeProvider time)
    {
        _asker = asker;
        _queue = queue;
        _settings = settings;
        _time = time;
        _answers = new InstanceAnswers<RpcServiceInstance>(InstanceQuestion.Watch, queue, time, ServiceFinder.DefaultWindow);
        _question = asker.Create(WireNames.Watch, queue, Lifetime, WatchFilters.Write(filter));
    }

    /// <summary>The calls, as they end. Completes, with an exception, when the connection is lost.</summary>
    public ChannelReader<RpcCallEvent> Events => _events.Reader;

    /// <summary>The instances that tell of their calls.</summary>
    public IReadOnlyList<RpcServiceInstance> Instances => [.. _instances.Values];

    /// <summary>How many calls ended that are not among the events.</summary>
    public long Omitted => Volatile.Read(ref _omitted);

    /// <summary>Asks the instances. Completes when those that run have answered.</summary>
    /// <exception cref="RpcException">The broker or the instances refuse it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _asked = await _asker.OpenAsync(_question, this, cancellationToken).ConfigureAwait(false);
        if (await _asker.TryAskAsync(_asked, cancellationToken).ConfigureAwait(false))
        {
            await foreach (RpcServiceInstance _ in _answers.ReadAsync(_asked.Channel.Closed, cancellationToken).ConfigureAwait(false))
            {
                // The answers are noted as they come.
            }

            if (_instances.IsEmpty && _answers.Refusal is { } refusal)
            {
                throw FaultReader.Read(refusal, InstanceQuestion.Watch.Method, _queue ?? _question.Exchange, _question.CorrelationId.ToString()!, hasEarlierAttempts: false, out _);
            }
        }

        using (AmbientFlow.Suppress())
        {
            _asking = Task.Run(KeepAskingAsync, CancellationToken.None);
        }
    }

    public void OnDelivered(in IncomingMessage message)
    {
        if (message.IsUnreadable || new CorrelationId(message.CorrelationId).Normalize() != _question.CorrelationId)
        {
            return;
        }

        if (message.Type != WireNames.Events)
        {
            Note(in message);
            _answers.OnDelivered(in message);
        }
        else if (message.Body.Length <= CallEventReader.MaxBytes && CallEventReader.TryRead(message.Body, Find) is { } events)
        {
            long omitted = events.Omitted;
            foreach (RpcCallEvent ended in events.Events)
            {
                omitted += _events.Writer.TryWrite(ended) ? 0 : 1;
            }

            Interlocked.Add(ref _omitted, omitted);
        }
    }

    public void OnCancelledByBroker() => End("the callback queue was deleted");

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        await _asking.ConfigureAwait(false);
        _events.Writer.TryComplete();
        if (_asked is not null)
        {
            await _asked.DisposeAsync().ConfigureAwait(false); // its queue is deleted: instances that still tell reach nobody
        }
    }

    private void Note(in IncomingMessage message)
    {
        if (MessageKinds.OfReply(message.Type) == MessageKind.Result && InstanceAnswers.TryRead(InstanceQuestion.Watch, message.Body) is { Queue.Length: > 0, Instance.Id.Length: > 0 } service &&
            (_queue is null || service.Queue == _queue) && _instances.Count < MaxInstances)
        {
            _instances[service.Instance.Id] = service;
        }
    }

    private RpcServiceInstance Find(string id) => _instances.GetValueOrDefault(id) ?? new RpcServiceInstance { Instance = new RpcInstance { Id = id } };

    private async Task KeepAskingAsync()
    {
        AskedInstances asked = _asked!;
        try
        {
            while (true)
            {
                Task pause = Task.Delay(Pause, _time, _disposed.Token);
                if (await Task.WhenAny(asked.Channel.Closed, pause).ConfigureAwait(false) != pause)
                {
                    End((await asked.Channel.Closed.ConfigureAwait(false)).Reason);
                    return;
                }

                await pause.ConfigureAwait(false);
                await _asker.TryAskAsync(asked, _disposed.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
        catch (RpcException e)
        {
            _events.Writer.TryComplete(e);
        }
    }

    private void End(string reason) =>
        _events.Writer.TryComplete(new RpcConnectionException($"The connection to {_settings.Broker} was lost while services were watched: {reason}.") { Execution = RpcExecution.Started });
}
