using System.Net;
using RpcGen.Client.Confirming;
using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>
/// One life of the channels on which calls go out and replies come in, with their callback queue. The end of one channel ends
/// the link.
/// </summary>
internal sealed class CallLink : IClosable, ITransportConsumer
{
    private readonly ICallLinkEvents _events;
    private readonly ITransportConnection _connection;
    private readonly ITransportChannel _channel;
    private readonly IConfirmedChannel _confirmed;
    private readonly CancellationTokenSource _disposed = new();
    private readonly TaskCompletionSource<TransportClosure> _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private CallLink(
        ICallLinkEvents events, ITransportConnection connection, ITransportChannel channel, IConfirmedChannel confirmed, RpcEnvironment environment, string replyTo)
    {
        _events = events;
        _connection = connection;
        _channel = channel;
        _confirmed = confirmed;
        ReplyTo = replyTo;
        Exchanges = new LinkExchanges(connection, environment, events.OnExchangeKnown);
        Plain = new PlainRequestChannel(channel, _disposed.Token);
        Confirmed = new ConfirmedRequestChannel(confirmed, events.OnNacked, _disposed.Token);
        Closed = Task.WhenAny(channel.Closed, confirmed.Closed, _cancelled.Task).Unwrap();
        channel.Returned += OnReturned;
        confirmed.Returned += OnReturned;
        connection.BlockedChanged += events.OnBlockedChanged;
    }

    /// <summary>The callback queue. Each link has a new name: a half-closed connection can still lock the old queue.</summary>
    public string ReplyTo { get; }

    /// <inheritdoc/>
    public Task<TransportClosure> Closed { get; }

    /// <summary>The broker's host; null in memory.</summary>
    public BrokerHost? Host => _connection.Host;

    /// <inheritdoc/>
    public string? Node => _connection.Node;

    /// <summary>The address of the broker's node; null in memory.</summary>
    public IPEndPoint? Peer => _connection.Peer;

    /// <summary>The broker's user of the connection; null if it is unknown.</summary>
    public string? UserName => _connection.UserName;

    /// <summary>Why the broker blocks publishers; null if it does not.</summary>
    public string? BlockedReason => _connection.BlockedReason;

    /// <summary>What the loss of the link does to its calls.</summary>
    public LostCalls LostCalls { get; } = new();

    /// <summary>Which exchanges calls can go to.</summary>
    public LinkExchanges Exchanges { get; }

    /// <summary>The channel for requests to queues that are known to accept them.</summary>
    public RequestChannel Plain { get; }

    /// <summary>The channel for requests to queues that may refuse them.</summary>
    public ConfirmedRequestChannel Confirmed { get; }

    /// <summary>The channel for the next request to a queue.</summary>
    public RequestChannel ChannelFor(ConfirmPolicy? queue) => queue is { Asks: false } ? Plain : Confirmed;

    /// <summary>Why the broker closed a channel, if it refused a message because of its exchange; otherwise null.</summary>
    public TransportClosure? Refusal =>
        Closed.IsCompleted && Closed.Result is { IsPublishRefused: true, ReplyCode: AmqpReplyCodes.AccessRefused or AmqpReplyCodes.NotFound } refusal ? refusal : null;

    /// <summary>The broker's limit, if it closed a channel because a message exceeded it; otherwise null.</summary>
    public int? ExceededLimit =>
        Closed.IsCompleted && Closed.Result is { IsPublishRefused: true } refusal ? BrokerLimits.MessageSizeIn(refusal.ReplyCode, refusal.Reason) : null;

    /// <summary>Whether calls can go out.</summary>
    public bool IsReady => !Closed.IsCompleted && BlockedReason is null;

    /// <summary>Opens the channels, declares the callback queue, consumes it and binds it.</summary>
    /// <param name="events">Gets the link's events.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="environment">Time and randomness.</param>
    /// <param name="replyTo">The name of the callback queue.</param>
    /// <param name="replyExchange">The exchange that replies can come through, besides the default exchange; empty for none.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static async Task<CallLink> OpenAsync(
        ICallLinkEvents events, ITransportConnection connection, RpcEnvironment environment, string replyTo, string replyExchange, CancellationToken cancellationToken)
    {
        ITransportChannel channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
        CallLink link;
        try
        {
            IConfirmedChannel confirmed = await connection.OpenConfirmedChannelAsync(cancellationToken).ConfigureAwait(false);
            link = new CallLink(events, connection, channel, confirmed, environment, replyTo);
        }
        catch
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        try
        {
            await channel.DeclareQueueAsync(new QueueDeclaration(replyTo, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
            await channel.ConsumeAsync(replyTo, prefetch: 0, link, cancellationToken).ConfigureAwait(false);
            if (replyExchange.Length > 0)
            {
                await ExchangeDeclarer.EnsureBoundAsync(connection, replyExchange, replyTo, cancellationToken).ConfigureAwait(false);
            }

            return link;
        }
        catch
        {
            await link.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public void OnDelivered(in IncomingMessage message) => _events.OnReply(in message);

    /// <inheritdoc/>
    public void OnCancelledByBroker() => _cancelled.TrySetResult(new TransportClosure("the callback queue was deleted"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _connection.BlockedChanged -= _events.OnBlockedChanged;
        await Exchanges.EndAsync().ConfigureAwait(false);
        await Task.WhenAll(_channel.DisposeAsync().AsTask(), _confirmed.DisposeAsync().AsTask()).ConfigureAwait(false);
        _channel.Returned -= OnReturned;
        _confirmed.Returned -= OnReturned;
        Confirmed.End();
        await _disposed.CancelAsync().ConfigureAwait(false);
    }

    private void OnReturned(ReturnedMessage message) => _events.OnReturned(in message);
}

/// <summary>Events of a link. Called on threads that read from the broker: implementations must not block.</summary>
internal interface ICallLinkEvents
{
    /// <summary>The link opened.</summary>
    void OnOpened();

    /// <summary>A reply arrived.</summary>
    void OnReply(in IncomingMessage reply);

    /// <summary>The broker returned a request.</summary>
    void OnReturned(in ReturnedMessage message);

    /// <summary>A queue refused a request (<c>basic.nack</c>).</summary>
    void OnNacked(CorrelationId message);

    /// <summary>A probe has shown whether an exchange can be used.</summary>
    void OnExchangeKnown();

    /// <summary>The broker refused to let the link be opened: the connection's user lacks a permission.</summary>
    void OnOpeningRefused(TransportRefusedException refusal);

    /// <summary>The broker started or stopped blocking publishers.</summary>
    void OnBlockedChanged();

    /// <summary>The link was lost.</summary>
    void OnLost(CallLink link, string reason);
}
