using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq;

/// <summary>An open channel: its life, publishing and acknowledging. What the broker answers is in the other part.</summary>
internal sealed partial class RabbitMqChannel(RabbitMqConnection connection, IChannel channel) : ITransportChannel
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _gone = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RabbitMqConsumer> _consumers = [];
    private TransportClosure? _closure;
    private Task? _disposal;

    public event Action<ReturnedMessage>? Returned;

    public Task<TransportClosure> Closed => _closed.Task;

    /// <summary>Begins to listen to the library's channel.</summary>
    public void Start()
    {
        channel.BasicReturnAsync += OnReturnedAsync;
        channel.ChannelShutdownAsync += OnShutdownAsync;

        // The library looks and subscribes in two steps.
        if (channel.CloseReason is { } reason)
        {
            Close(Closures.From(reason));
        }
    }

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        var properties = new OutgoingProperties(in message);
        if (message.Headers is not null)
        {
            ThrowIfTooLarge(in properties);
        }

        // The body is copied before the library waits for anything, for only confirms and channel.flow come before that: RabbitMQ
        // uses no flow, and where we use confirms bodies are not pooled. A cancelled wait leaves nothing behind: a message
        // goes whole or not at all.
        ValueTask publishing = channel.BasicPublishAsync(
            message.Exchange, message.RoutingKey, message.IsMandatory, properties, message.Body, OrGone(cancellationToken));
        return publishing.IsCompletedSuccessfully ? ValueTask.CompletedTask : SentAsync(publishing);
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken)
    {
        try
        {
            ValueTask sending = channel.BasicAckAsync(deliveryTag, multiple, OrGone(cancellationToken));
            return sending.IsCompletedSuccessfully ? ValueTask.CompletedTask : SentAsync(sending);
        }
        catch (Exception e) when (Closures.IsClosure(e))
        {
            return ValueTask.FromException(ClosedBy(e));
        }
    }

    public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) => GiveBackAsync(deliveryTag, requeue: true, cancellationToken);

    public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) => GiveBackAsync(deliveryTag, requeue: false, cancellationToken);

    /// <summary>The connection is gone: ends with it, whether or not the library tells this channel.</summary>
    public void End(TransportClosure closure) => Close(closure);

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposal ??= Task.Run(DisposeCoreAsync);
        }

        return new ValueTask(_disposal);
    }

    private ValueTask GiveBackAsync(ulong deliveryTag, bool requeue, CancellationToken cancellationToken)
    {
        try
        {
            ValueTask sending = channel.BasicRejectAsync(deliveryTag, requeue, OrGone(cancellationToken));
            return sending.IsCompletedSuccessfully ? ValueTask.CompletedTask : SentAsync(sending);
        }
        catch (Exception e) when (Closures.IsClosure(e))
        {
            return ValueTask.FromException(ClosedBy(e));
        }
    }

    /// <summary>Whoever waits for the socket, which a dead connection may never take from, and has no token waits no longer than the channel lasts.</summary>
    private CancellationToken OrGone(CancellationToken cancellationToken) => cancellationToken.CanBeCanceled ? cancellationToken : _gone.Token;

    private async ValueTask SentAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_gone.IsCancellationRequested)
        {
            throw new TransportClosedException(Closed.Result, nothingSent: true);
        }
        catch (Exception e) when (Closures.IsClosure(e))
        {
            throw ClosedBy(e);
        }
    }

    /// <summary>Properties travel in one frame, and the broker closes the connection of whoever sends a larger one.</summary>
    private void ThrowIfTooLarge(in OutgoingProperties properties)
    {
        const int aroundProperties = 8 + 12;
        int size = properties.GetRequiredBufferSize() + aroundProperties;
        if (connection.FrameMax != 0 && size > connection.FrameMax)
        {
            throw new ArgumentException($"The headers take {size} bytes; the broker takes {connection.FrameMax} (frame_max).");
        }
    }

    private TransportClosedException ClosedBy(Exception exception)
    {
        // These two come before anything is queued for the socket; any other exception leaves it open.
        bool nothingSent = exception is AlreadyClosedException or ChannelClosedException;
        TransportClosure closure = exception is OperationInterruptedException { ShutdownReason: { } reason }
            ? Closures.From(reason)
            : Volatile.Read(ref _closure) ?? Closures.Disposed;
        return new TransportClosedException(closure, nothingSent);
    }

    private Task OnReturnedAsync(object sender, BasicReturnEventArgs args)
    {
        Returned?.Invoke(new ReturnedMessage(args.BasicProperties.CorrelationId, args.RoutingKey, $"{args.ReplyCode} {args.ReplyText}"));
        return Task.CompletedTask;
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs args)
    {
        Close(Closures.From(args));
        return Task.CompletedTask;
    }

    /// <summary>Notes the end, the first reason counts, and tells of it in its own time: the library must not wait for it.</summary>
    private void Close(TransportClosure closure)
    {
        if (Interlocked.CompareExchange(ref _closure, closure, null) is null)
        {
            _ = Task.Run(() => CompleteAsync(closure));
        }
    }

    /// <summary>Tells of the end once what had been delivered before is with its consumers.</summary>
    private async Task CompleteAsync(TransportClosure closure)
    {
        Task ended = Task.WhenAll(Consumers().Select(static consumer => consumer.Ended));
        await Detached.WaitAsync(ended, RabbitMqConnection.CloseTimeout).ConfigureAwait(false);
        StopConsumers();
        _closed.TrySetResult(closure);
        connection.Forget(this);
        await DisposeAsync().ConfigureAwait(false);
    }

    private RabbitMqConsumer[] Consumers()
    {
        lock (_lock)
        {
            return [.. _consumers.Values];
        }
    }

    private void StopConsumers() => Array.ForEach(Consumers(), static consumer => consumer.Stop());

    private async Task DisposeCoreAsync()
    {
        // Not disposed: the library may be about to wait for one of the channel's locks. In 7.2.2, when these are disposed
        // meanwhile, it waits for ever, and tells no other channel of the connection's end. What is closed holds nothing.
        if (channel.IsOpen)
        {
            await Detached.WaitAsync(channel.AbortAsync(), RabbitMqConnection.CloseTimeout).ConfigureAwait(false);
        }

        StopConsumers();
        Close(Closures.Disposed);
        await Closed.ConfigureAwait(false);
        await _gone.CancelAsync().ConfigureAwait(false);
    }
}
