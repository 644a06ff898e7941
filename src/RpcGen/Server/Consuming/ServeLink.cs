using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Server.Running;
using RpcGen.Server.Settings;
using RpcGen.Server.Streaming;
using RpcGen.Server.Watching;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// One channel that serves the queue, from its opening to its loss. Requests come in on it; replies and acknowledgements go
/// out on it.
/// </summary>
internal sealed class ServeLink : IClosable, ITransportConsumer, IRequestIntake
{
    private readonly ServerSettings _settings;
    private readonly RpcEnvironment _environment;
    private readonly LinkDrains _drains;
    private readonly ITransportChannel _channel;
    private readonly AckTracker _acks;
    private readonly CallRunner _calls;
    private readonly LinkDrain _drain;
    private readonly BrokerLimitsOfServer _limits;
    private readonly ReplySender _sender;
    private readonly QueueDelay _delay;
    private readonly ServedLongCalls? _longCalls;
    private readonly DirectRoute _route;
    private readonly InstanceQuestions _questions;
    private readonly CallWatches _watches;
    private readonly Backlog _backlog;
    private readonly DeadLetters? _deadLetters;
    private readonly TaskCompletionSource<TransportClosure> _consumerLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _consumerTags = [];

    public ServeLink(ServerSettings settings, ServiceDispatcher dispatcher, RpcEnvironment environment, LinkDrains drains, BrokerLimitsOfServer limits, ITransportChannel channel, OpenStreams? streams = null, DeadLetters? deadLetters = null, bool marksEachRedelivery = true)
    {
        _settings = settings;
        _environment = environment;
        _drains = drains;
        _channel = channel;
        _acks = new AckTracker(channel, environment.Time, settings.MaxConcurrentCalls);
        _limits = limits;
        _deadLetters = deadLetters;
        _delay = dispatcher.Delay;
        _longCalls = dispatcher.LongCalls?.Peers;
        var sender = new ReplySender(channel, environment, settings.QueueName, settings.ReplyExchange, limits.Message, settings.IsSurelyQuorum);
        _sender = sender;
        _calls = new CallRunner(dispatcher, _acks, new EarlyAcks(_acks, channel, waits: !marksEachRedelivery), sender, environment, settings, limits.Consumer, streams, deadLetters);
        _questions = new InstanceQuestions(dispatcher, sender, environment, settings);
        _watches = dispatcher.Watches;
        _watches.SetSender(sender);
        _route = DirectRoute.OfRequests(settings.QueueName, settings.Exchange);
        _backlog = new Backlog(environment.Time);
        _drain = new LinkDrain(settings, environment, channel, _acks, _calls, sender);
        Closed = Task.WhenAny(channel.Closed, _consumerLost.Task).Unwrap();
        channel.Returned += OnReturned;
    }

    /// <summary>Completes when no more requests come: the channel is closed, or a queue was deleted.</summary>
    public Task<TransportClosure> Closed { get; }

    /// <summary>The queue for messages to this instance; null before the start, and in the bare style.</summary>
    public string? Inbox { get; private set; }

    /// <summary>How many calls run, and how many wait for a place.</summary>
    public (int Running, int Waiting) Load => _calls.Load;

    /// <summary>Starts to consume: cancels first, then requests, so that no cancel is missed.</summary>
    public async Task StartAsync(bool hasBroadcasts, CancellationToken cancellationToken)
    {
        await _limits.Refused.TellCallersAsync(_sender, _calls.Cancelled, cancellationToken).ConfigureAwait(false);
        if (_settings.BodyStyle != RpcBodyStyle.Bare)
        {
            var inbox = new InstanceInbox(_calls.Cancelled, _questions, _longCalls, _settings.QueueName);
            Inbox = await inbox.OpenAsync(_channel, _environment.Random, cancellationToken).ConfigureAwait(false);
        }

        var prefetch = (ushort)_settings.MaxConcurrentCalls;
        if (hasBroadcasts)
        {
            var broadcasts = new BroadcastQueue(this, OnConsumerLost, _settings.QueueName);
            _consumerTags.Add(await broadcasts.OpenAsync(_channel, _environment.Random, prefetch, cancellationToken).ConfigureAwait(false));
        }

        if (_settings.BodyStyle != RpcBodyStyle.Bare)
        {
            _backlog.Begin((await _channel.InspectQueueAsync(_settings.QueueName, cancellationToken).ConfigureAwait(false)).ReadyMessages);
        }

        _consumerTags.Add(await _channel.ConsumeAsync(_settings.QueueName, prefetch, this, cancellationToken).ConfigureAwait(false));
    }

    public void OnDelivered(in IncomingMessage message) => Accept(in message, _route, _backlog.TryTake());

    public void Accept(in IncomingMessage message, DirectRoute route) => Accept(in message, route, wasWaiting: false);

    public void OnCancelledByBroker() =>
        OnConsumerLost(new TransportClosure($"the broker cancelled the consumer of queue '{_settings.QueueName}', because the queue was deleted or moved, or its node is down, or (from RabbitMQ 4.3 on, quorum queues) a request was not acknowledged within consumer_timeout"));

    /// <summary>Stops consuming, waits for the running calls within the grace period, and returns the rest to the queue.</summary>
    public async Task DrainAsync()
    {
        _questions.Stop();
        await _drain.RunAsync(_consumerTags, _drains.GraceOver).ConfigureAwait(false);
        await _watches.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// The link is lost. If the channel is closed, the running calls are abandoned: the broker redelivers their requests. It does
    /// not redeliver at-most-once requests that are acknowledged; without a channel their callers cannot be told, and time out.
    /// If only a queue was deleted, the running calls continue and are answered.
    /// </summary>
    /// <param name="closure">Why it was lost.</param>
    public void OnLost(TransportClosure closure)
    {
        _limits.OnLost(closure, Load.Running, _sender.Large);
        if (_channel.Closed.IsCompleted)
        {
            _calls.Abandon();
        }
    }

    /// <summary>Closes the channel. If only a queue was deleted, the calls are drained first, in the background: the next link does not wait.</summary>
    public ValueTask DisposeAsync()
    {
        if (_consumerLost.Task.IsCompleted && !_channel.Closed.IsCompleted)
        {
            _drains.Add(DrainAndCloseAsync());
            return default;
        }

        return CloseAsync();
    }

    private async Task DrainAndCloseAsync()
    {
        await DrainAsync().ConfigureAwait(false);
        await CloseAsync().ConfigureAwait(false);
    }

    private async ValueTask CloseAsync()
    {
        // Calls remain if the channel closed while the link drained, or if opening was given up after it had consumed. More
        // can be delivered until the channel is closed: none of them may start after that.
        _calls.Abandon();
        await _channel.DisposeAsync().ConfigureAwait(false);
        if (_deadLetters is not null)
        {
            await _deadLetters.DisposeAsync().ConfigureAwait(false);
        }

        _channel.Returned -= OnReturned;
        _calls.Abandon();
        _calls.Dispose();
        _questions.Dispose();
        _acks.Dispose();
    }

    private void Accept(in IncomingMessage message, DirectRoute route, bool wasWaiting)
    {
        Delivery delivery = _acks.Add(in message, _environment.Time.GetTimestamp(), _settings.MaxMessageBytes);
        delivery.WasWaiting = wasWaiting;
        try
        {
            Check(delivery, in message, route);
        }
#pragma warning disable CA1031 // Last resort for a clock or logger that throws: a delivery that no call ends would use up credit forever.
        catch (Exception e)
#pragma warning restore CA1031
        {
            delivery.MakeAnonymous();
            Log.DeliveryNotChecked(_environment.Log, _settings.QueueName, e);
        }
        finally
        {
            _calls.Accept(delivery, in message);
        }
    }

    private void Check(Delivery delivery, in IncomingMessage message, DirectRoute route)
    {
        if (delivery.UserId is { } user && !route.IsWayOf(in message))
        {
            delivery.MakeAnonymous();
            Log.UserNotTrusted(_environment.Log, user, _settings.QueueName, message.CorrelationId, message.Exchange, message.RoutingKey);
        }

        _delay.Note(delivery);
    }

    /// <summary>Only requests that are sent back are published so that they can return: their callers are gone, and nothing is left to do.</summary>
    private static void OnReturned(ReturnedMessage message) => RpcMetrics.RequestsDropped.Add(1, RpcMetrics.Reason(TelemetryNames.Orphaned));

    private void OnConsumerLost(TransportClosure closure) => _consumerLost.TrySetResult(closure);
}
