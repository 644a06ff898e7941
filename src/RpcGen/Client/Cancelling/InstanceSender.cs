using System.Threading.Channels;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Cancelling;

/// <summary>
/// A message to the instances of a service: that a caller cancelled a call, a question which the first of them answers, or where the caller of long calls is.
/// </summary>
/// <param name="Queue">The service's request queue.</param>
/// <param name="ReplyTo">The caller's callback queue, which together with the id names the call.</param>
/// <param name="Id">The correlation id.</param>
/// <param name="Expiration">How long servers should remember the cancellation, or can answer, in milliseconds.</param>
/// <param name="Question">The question's type, or that of another message; null for a cancellation.</param>
/// <param name="UserId">The broker's user that asks; null to ask anonymously, and for a cancellation.</param>
internal sealed record InstanceMessage(string Queue, string ReplyTo, CorrelationId Id, long Expiration, string? Question = null, string? UserId = null);

/// <summary>
/// Sends messages to the instances of services, through their cancel exchanges and on a best-effort basis. Each exchange has a
/// channel of its own: the exchange of a queue that only foreign servers serve does not exist, the user can lack the permission
/// to write to it, and publishing to it then closes the channel. Thread-safe.
/// </summary>
/// <remarks>
/// Each message waits for the publisher confirm of the one before: RabbitMQ closes the whole connection if a message follows
/// the close of its channel.
/// </remarks>
internal sealed class InstanceSender : IAsyncDisposable
{
    /// <summary>How many messages can wait to be sent. Beyond that the oldest are dropped: cancelled calls run to their end or deadline.</summary>
    public const int Capacity = 10_000;

    /// <summary>How many exchanges have a channel. When there are more, the least recently used channel is closed, because a connection has a limited number of channels.</summary>
    public const int MaxChannels = 32;

    /// <summary>How long a cancel exchange that was refused is not published to again.</summary>
    public static readonly TimeSpan RefusalPause = TimeSpan.FromSeconds(5);

    private readonly Supervisor<ITransportConnection> _connections;
    private readonly RpcEnvironment _environment;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Channel<InstanceMessage> _queue;
    private readonly Lazy<Task> _sending;
    private readonly Dictionary<string, CancelChannel> _channels = new(StringComparer.Ordinal);

    /// <summary>Creates the sender. It opens a channel for the first message.</summary>
    public InstanceSender(Supervisor<ITransportConnection> connections, RpcEnvironment environment)
    {
        _connections = connections;
        _environment = environment;
        _queue = Channel.CreateBounded<InstanceMessage>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _sending = new Lazy<Task>(StartSending);
    }

    /// <summary>Sends a message soon. Never blocks, never throws.</summary>
    public void Send(InstanceMessage message)
    {
        _queue.Writer.TryWrite(message);
        _ = _sending.Value;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _disposed.CancelAsync().ConfigureAwait(false);
        if (_sending.IsValueCreated)
        {
            await _sending.Value.ConfigureAwait(false);
        }

        foreach (CancelChannel open in _channels.Values)
        {
            await open.Publisher.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Task StartSending()
    {
        using (AmbientFlow.Suppress())
        {
            return Task.Run(SendAllAsync);
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (InstanceMessage message in _queue.Reader.ReadAllAsync(_disposed.Token).ConfigureAwait(false))
            {
                await SendAsync(message).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed: the calls end with their client.
        }
    }

    private async Task SendAsync(InstanceMessage message)
    {
        string exchange = message.Queue + WireNames.CancelExchangeSuffix;
        try
        {
            if (await FindPublisherAsync(exchange).ConfigureAwait(false) is not { } publisher)
            {
                return; // refused a moment ago: these calls run to their end or deadline
            }

            var published = new OutgoingMessage
            {
                Exchange = exchange,
                RoutingKey = "",
                Type = message.Question,
                CorrelationId = message.Id,
                ReplyTo = message.ReplyTo,
                Expiration = message.Expiration,
                UserId = message.UserId,
            };
            await PublishAsync(publisher, published).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.InstanceMessageNotSent(_environment.Log, message.Id.ToString(), e);
        }
    }

    private async Task PublishAsync(ITransportPublisher publisher, OutgoingMessage message)
    {
        try
        {
            await publisher.PublishAsync(in message, _disposed.Token).ConfigureAwait(false);
        }
        catch (TransportRefusedException)
        {
            await publisher.Closed.WaitAsync(_disposed.Token).ConfigureAwait(false); // then the refusal is known to the next message
            throw;
        }
    }

    /// <summary>Gets the channel of an exchange, which is opened if it is not open; null if the broker refused the exchange a moment ago.</summary>
    private async Task<ITransportPublisher?> FindPublisherAsync(string exchange)
    {
        if (_channels.TryGetValue(exchange, out CancelChannel? known))
        {
            known.LastUse = _environment.Time.GetTimestamp();
            if (!known.Publisher.Closed.IsCompleted)
            {
                return known.Publisher;
            }

            bool isRefused = (await known.Publisher.Closed.ConfigureAwait(false)).ReplyCode is AmqpReplyCodes.AccessRefused or AmqpReplyCodes.NotFound;
            if (isRefused && _environment.Time.GetElapsedTime(known.OpenedAt) < RefusalPause)
            {
                return null;
            }

            await RemoveAsync(exchange, known).ConfigureAwait(false);
        }

        if (_channels.Count >= MaxChannels)
        {
            (string oldest, CancelChannel channel) = _channels.MinBy(entry => entry.Value.LastUse);
            await RemoveAsync(oldest, channel).ConfigureAwait(false);
        }

        ITransportConnection connection = await _connections.GetAsync(_disposed.Token).ConfigureAwait(false);
        ITransportPublisher publisher = await connection.OpenPublisherAsync(_disposed.Token).ConfigureAwait(false);
        _channels.Add(exchange, new CancelChannel(publisher, _environment.Time.GetTimestamp()));
        return publisher;
    }

    private async Task RemoveAsync(string exchange, CancelChannel channel)
    {
        _channels.Remove(exchange);
        await channel.Publisher.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The channel of one exchange.</summary>
    private sealed record CancelChannel(ITransportPublisher Publisher, long OpenedAt)
    {
        public long LastUse { get; set; } = OpenedAt;
    }
}
