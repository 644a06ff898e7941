using System.Text;
using System.Threading.Channels;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Compatibility;

/// <summary>
/// Takes the part of one side of a recorded conversation: it sends what that side sent, byte for byte, and waits for what the other side,
/// which is real, sends in between.
/// </summary>
internal sealed class Player : ITransportConsumer, IAsyncDisposable
{
    private readonly ITransportConnection _connection;
    private readonly ITransportChannel _channel;
    private readonly Stage _stage;
    private readonly bool _playsClient;
    private readonly IReadOnlyList<WireStep> _steps;
    private readonly WireIds _ids = new();
    private readonly Channel<WireMessage> _received = Channel.CreateUnbounded<WireMessage>();

    private Player(ITransportConnection connection, ITransportChannel channel, Stage stage, bool playsClient, IReadOnlyList<WireStep> steps)
    {
        _connection = connection;
        _channel = channel;
        _stage = stage;
        _playsClient = playsClient;
        _steps = steps;
    }

    /// <summary>Opens the queues of the side that it plays.</summary>
    public static async Task<Player> OpenAsync(Stage stage, bool playsClient, IReadOnlyList<WireStep> steps)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        ITransportConnection connection = await stage.Transport.ConnectAsync("player", cancel);
        var player = new Player(connection, await connection.OpenChannelAsync(cancel), stage, playsClient, steps);
        foreach (WireMessage message in steps.Select(step => step.Message).OfType<WireMessage>().Where(player.IsExpected).DistinctBy(message => (message.Exchange, message.RoutingKey)))
        {
            await player.ListenAsync(message, cancel);
        }

        return player;
    }

    public async Task PlayAsync()
    {
        foreach (WireStep step in _steps)
        {
            if (step.Message is not { } recorded)
            {
                await PassAsync(step);
            }
            else if (IsExpected(recorded))
            {
                WireMessage actual = await ReceiveAsync(recorded);
                _ids.Note(recorded, actual);
                WireComparison.AssertMeansTheSame(_ids.Translate(recorded), actual);
            }
            else if (!recorded.IsProbe)
            {
                WireMessage message = _ids.Translate(recorded);
                OutgoingMessage outgoing = message.ToOutgoing();
                _stage.Recorder.Add(in outgoing, _playsClient);
                await _channel.PublishAsync(in outgoing, TestContext.Current.CancellationToken);
            }
        }
    }

    public void OnDelivered(in IncomingMessage message)
    {
        var outgoing = new OutgoingMessage
        {
            Exchange = message.Exchange!,
            RoutingKey = message.RoutingKey!,
            ContentType = message.ContentType,
            Type = message.Type,
            CorrelationId = new CorrelationId(message.CorrelationId),
            ReplyTo = message.ReplyTo,
            MessageId = message.MessageId is null ? null : long.Parse(message.MessageId, System.Globalization.CultureInfo.InvariantCulture),
            UserId = message.UserId,
            Headers = message.Headers?.ToDictionary(),
            Body = message.Body,
        };
        _received.Writer.TryWrite(WireMessage.Write(in outgoing, !_playsClient));
    }

    public void OnCancelledByBroker()
    {
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    /// <summary>Moves the clock, unless the other side is the real client, which does so itself.</summary>
    private async Task PassAsync(WireStep step)
    {
        if (_playsClient)
        {
            await (step.IsForHandler ? _stage.HandlerWaitsAsync() : Task.CompletedTask);
            _stage.Time.Advance(step.Pause);
        }
    }

    /// <summary>The next message of the other side; of a batch of replies, as many messages as it takes.</summary>
    private async Task<WireMessage> ReceiveAsync(WireMessage recorded)
    {
        WireMessage received = await ReceiveAsync();
        while (recorded.IsBatchOfReplies && received.Body.Length < recorded.Body.Length)
        {
            WireMessage next = await ReceiveAsync();
            Assert.True(next.Continues(received));
            received = received with { Body = [.. received.Body, .. next.Body] };
        }

        return received;
    }

    private Task<WireMessage> ReceiveAsync() => _received.Reader.ReadAsync().AsTask().WaitAsync(Bounds.Soon);

    private bool IsExpected(WireMessage message) => message.IsFromClient != _playsClient && !message.IsProbe;

    /// <summary>Makes the broker deliver to this player what the other side sends to an exchange and a routing key.</summary>
    private async Task ListenAsync(WireMessage message, CancellationToken cancellationToken)
    {
        bool isFanout = message.RoutingKey.Length == 0;
        bool isReplyQueue = message.RoutingKey.StartsWith("rpc.cb.", StringComparison.Ordinal);
        string queue = isFanout ? $"rpc.cx.{message.Exchange}" : message.RoutingKey;
        await _channel.DeclareQueueAsync(new QueueDeclaration(queue, isFanout || isReplyQueue ? QueueKind.Exclusive : QueueKind.Classic), cancellationToken);
        if (isFanout)
        {
            await _channel.BindFanoutAsync(message.Exchange, queue, cancellationToken);
        }
        else if (message.Exchange.Length > 0)
        {
            await _channel.DeclareDirectAsync(message.Exchange, cancellationToken);
            await _channel.BindDirectAsync(message.Exchange, queue, cancellationToken);
        }

        await _channel.ConsumeAsync(queue, prefetch: 0, this, cancellationToken);
    }
}
