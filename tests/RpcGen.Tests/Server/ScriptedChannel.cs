using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Server;

/// <summary>A message as the channel got it; the body is copied, because its buffer is reused.</summary>
internal sealed record SentMessage(string RoutingKey, string? Type, string? Id, string? ContentType, string Body, IReadOnlyDictionary<string, object?>? Headers);

/// <summary>A channel that notes what is done with it. A test decides what fails, what hangs and when it closes.</summary>
internal sealed class ScriptedChannel : ITransportChannel
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<SentMessage> _sent = Channel.CreateUnbounded<SentMessage>();
    private readonly Channel<(ulong Tag, bool Multiple)> _acks = Channel.CreateUnbounded<(ulong, bool)>();
    private readonly ConcurrentQueue<string> _events = new();
    private int _consumers;

    public event Action<ReturnedMessage>? Returned
    {
        add { }
        remove { }
    }

    public Task<TransportClosure> Closed => _closed.Task;

    public bool IsOpen => !IsLost && !Closed.IsCompleted;

    /// <summary>Whether the channel is lost, and has not said so yet.</summary>
    public bool IsLost { get; set; }

    /// <summary>Everything that was done, in order.</summary>
    public IReadOnlyList<string> Events => [.. _events];

    public bool IsDisposed { get; private set; }

    /// <summary>How many messages wait in each queue.</summary>
    public uint Ready { get; set; }

    public Dictionary<string, (ITransportConsumer Consumer, ushort Prefetch)> Consumers { get; } = [];

    public List<QueueDeclaration> Declared { get; } = [];

    /// <summary>Runs before an operation, which is named like the events; it can throw or hang.</summary>
    public Func<string, Task>? Before { get; set; }

    public int PendingReplies => _sent.Reader.Count;

    public int PendingAcks => _acks.Reader.Count;

    public Task<SentMessage> NextReplyAsync() => _sent.Reader.ReadAsync(TestContext.Current.CancellationToken).Soon();

    public Task<(ulong Tag, bool Multiple)> NextAckAsync() => _acks.Reader.ReadAsync(TestContext.Current.CancellationToken).Soon();

    public void Close(TransportClosure? closure = null) => _closed.TrySetResult(closure ?? new TransportClosure("gone"));

    public async ValueTask PublishAsync(OutgoingMessage message)
    {
        await NoteAsync($"publish {message.CorrelationId}{(message.IsMandatory ? " mandatory" : "")}");
        _sent.Writer.TryWrite(new SentMessage(message.RoutingKey, message.Type, message.CorrelationId.ToString(), message.ContentType, BatchText.ReadReply(message.Type, Encoding.UTF8.GetString(message.Body.Span)), message.Headers));
    }

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        Assert.Equal("", message.Exchange);
        return cancellationToken.CanBeCanceled ? new ValueTask(PublishAsync(message).AsTask().WaitAsync(cancellationToken)) : PublishAsync(message);
    }

    public async ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
    {
        await NoteAsync($"ack {deliveryTag}{(multiple ? " multiple" : "")}");
        _acks.Writer.TryWrite((deliveryTag, multiple));
    }

    public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) => throw new NotSupportedException();

    public async ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) => await NoteAsync($"reject {deliveryTag}");

    public async Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken)
    {
        Declared.Add(queue);
        await NoteAsync($"declare {queue.Name}");
    }

    public async Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken)
    {
        await NoteAsync($"inspect {queue}");
        return new QueueState(Ready, Consumers: 0);
    }

    public async Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) => await NoteAsync($"bind {exchange} {queue}");

    public async Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken) => await NoteAsync($"inspect exchange {exchange}");

    public async Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken) => await NoteAsync($"declare exchange {exchange}");

    public async Task BindDirectAsync(string exchange, string queue, CancellationToken cancellationToken) => await NoteAsync($"bind {exchange} {queue} by its name");

    public async Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken)
    {
        await NoteAsync($"consume {queue}");
        Consumers.Add(queue, (consumer, prefetch));
        return $"tag{++_consumers}";
    }

    public async Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken) => await NoteAsync($"cancel {consumerTag}");

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        _events.Enqueue("dispose");
        Close();
        return default;
    }

    private async Task NoteAsync(string what)
    {
        if (Before is not null)
        {
            await Before(what);
        }

        if (_closed.Task.IsCompleted)
        {
            throw new TransportClosedException(await _closed.Task, nothingSent: true);
        }

        _events.Enqueue(what);
    }
}

/// <summary>A connection whose channels a test gives.</summary>
internal sealed class ScriptedConnection : ITransportConnection
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public event Action? BlockedChanged
    {
        add { }
        remove { }
    }

    public Func<ScriptedChannel> CreateChannel { get; set; } = () => new ScriptedChannel();

    public List<ScriptedChannel> Channels { get; } = [];

    public BrokerHost? Host => null;

    public string? UserName { get; set; }

    public bool HasTemporaryLogin { get; set; }

    public string? BlockedReason => null;

    public Task<TransportClosure> Closed => _closed.Task;

    public void Close(TransportClosure closure)
    {
        _closed.TrySetResult(closure);
        foreach (ScriptedChannel channel in Channels)
        {
            channel.Close(closure);
        }
    }

    public Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken)
    {
        ScriptedChannel channel = CreateChannel();
        Channels.Add(channel);
        return Task.FromResult<ITransportChannel>(channel);
    }

    public Task<IConfirmedChannel> OpenConfirmedChannelAsync(CancellationToken cancellationToken) => throw new NotSupportedException("Servers publish no requests.");

    public Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken) => Task.FromResult<ITransportPublisher>(new ScriptedPublisher(this));

    /// <summary>What a probe of an exchange finds: nothing, unless a test makes it throw.</summary>
    public Func<string, Task> OnProbe { get; set; } = _ => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _closed.TrySetResult(new TransportClosure("disposed"));
        return default;
    }
}

/// <summary>A publisher for probes of exchanges.</summary>
internal sealed class ScriptedPublisher(ScriptedConnection connection) : ITransportPublisher
{
    public Task<TransportClosure> Closed { get; } = new TaskCompletionSource<TransportClosure>().Task;

    public Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken) => ProbeAsync(message.Exchange);

    public ValueTask DisposeAsync() => default;

    private async Task<PublishOutcome> ProbeAsync(string exchange)
    {
        await connection.OnProbe(exchange);
        return new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE");
    }
}
