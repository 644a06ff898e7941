using System.Diagnostics;
using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>A broker that closes, dies, hangs or blocks, and messages that break the client library's decoder.</summary>
public sealed class RabbitMqFailureTests(PrivateRabbit broker) : TransportTest, IClassFixture<PrivateRabbit>
{
    private readonly string _queue = NewName("failure");

    [Fact]
    public async Task Messages_that_the_library_cannot_decode_arrive_as_unreadable()
    {
        ITransportConnection connection = await ConnectAsync(broker.Url);
        ITransportChannel channel = await OpenWithQueueAsync(connection);
        var inbox = new Inbox();
        await channel.ConsumeAsync(_queue, prefetch: 10, inbox, Token);

        foreach (byte[] headers in (byte[][])[RawProperties.DecimalOfScale30, RawProperties.DeeplyNested])
        {
            await BrokerClient.PublishAsync(broker.Url, _queue, RawProperties.Message(headers, "id", "rpc.cb.x"));
            await channel.PublishAsync(To(_queue, "next"), Token);

            IncomingMessage message = await inbox.NextAsync();
            Assert.Equal((true, "id", "rpc.cb.x", "Do"), (message.IsUnreadable, message.CorrelationId, message.ReplyTo, message.Type));
            IncomingMessage next = await inbox.NextAsync();
            Assert.Equal((false, "next", false), (next.IsUnreadable, next.Type, next.IsRedelivered));
        }

        Assert.False(connection.Closed.IsCompleted);
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0, 5, 1 })] // a content type that ends too early
    [InlineData(new byte[] { 0x20, 0, 0, 0, 0, 9, 1, 65, 86 })] // headers that end too early
    [InlineData(new byte[] { 0x20, 0, 0, 0, 0, 3, 1, 65, 63 })] // a header of an unknown type
    [InlineData(new byte[] { 0x20, 0, 0, 0, 0, 3, 1, 65, 73 })] // a header without its value
    public async Task The_broker_itself_refuses_malformed_properties(byte[] properties)
    {
        await OpenWithQueueAsync();

        await Assert.ThrowsAnyAsync<RabbitMQ.Client.Exceptions.OperationInterruptedException>(
            () => BrokerClient.PublishAsync(broker.Url, _queue, new RawProperties(properties)));
    }

    [Fact]
    public async Task A_close_by_an_operator_is_reported_with_its_reason()
    {
        ITransportConnection connection = await ConnectAsync(broker.Url);
        ITransportChannel channel = await connection.OpenChannelAsync(Token);

        await broker.CloseConnectionsAsync();

        TransportClosure closure = await connection.Closed.WaitAsync(Soon, Token);
        Assert.Equal(TransportClosure.ByBroker(AmqpReplyCodes.ConnectionForced, "CONNECTION_FORCED - closed by the test"), closure);
        Assert.Equal(closure, await channel.Closed.WaitAsync(Soon, Token));
        var refused = await Assert.ThrowsAsync<TransportClosedException>(() => connection.OpenChannelAsync(Token));
        Assert.Equal((closure.Reason, true), (refused.Message, refused.NothingSent));
    }

    [Fact]
    public async Task A_channel_without_a_shutdown_event_closes_with_its_connection()
    {
        RabbitMqSocket? socket = null;
        var factory = new ConnectionFactory
        {
            Uri = new Uri(broker.Url),
            AutomaticRecoveryEnabled = false,
            SocketFactory = family => socket = RabbitMqSocket.Create(family, tls: null),
        };
        IConnection library = await factory.CreateConnectionAsync(Token);
        await using var connection = new RabbitMqConnection(library, socket!, new BrokerHost("localhost", new Uri(broker.Url).Port), "guest");
        IChannel first = await library.CreateChannelAsync(cancellationToken: Token);
        var never = new TaskCompletionSource();
        first.ChannelShutdownAsync += (_, _) => never.Task; // the library waits for it before it notifies the next channel
        ITransportChannel channel = await connection.OpenChannelAsync(Token);
        ITransportPublisher publisher = await connection.OpenPublisherAsync(Token);
        try
        {
            await broker.CloseConnectionsAsync();

            Assert.Equal("320 CONNECTION_FORCED - closed by the test", (await channel.Closed.WaitAsync(Soon, Token)).Reason);
            Assert.Equal("320 CONNECTION_FORCED - closed by the test", (await publisher.Closed.WaitAsync(Soon, Token)).Reason);
            await connection.Closed.WaitAsync(Soon, Token);
        }
        finally
        {
            never.SetResult();
        }
    }

    [Fact]
    public async Task A_blocked_socket_write_ends_with_the_connection()
    {
        await OpenWithQueueAsync();
        ITransportConnection connection = await ConnectAsync(broker.Url);
        ITransportPublisher publisher = await connection.OpenPublisherAsync(Token);
        await broker.PauseAsync();
        var large = To(_queue) with { Body = new byte[64 * 1024] };
        Task<PublishOutcome>[] publishing = [.. Enumerable.Range(0, 1000).Select(_ => publisher.PublishAsync(in large, CancellationToken.None))];

        await broker.KillAsync();

        foreach (Task<PublishOutcome> publish in publishing)
        {
            await Assert.ThrowsAsync<TransportClosedException>(() => publish.WaitAsync(Wait.Bound, Token));
        }

        await broker.StartAsync();
    }

    [Fact]
    public async Task A_killed_broker_is_detected_at_once()
    {
        ITransportConnection connection = await ConnectAsync(broker.Url);
        ITransportChannel channel = await connection.OpenChannelAsync(Token);

        await broker.KillAsync();
        TransportClosure closure = await connection.Closed.WaitAsync(Soon, Token);
        await broker.StartAsync();

        Assert.StartsWith("the connection ", closure.Reason, StringComparison.Ordinal);
        Assert.True(channel.Closed.IsCompleted);
        await ConnectAsync(broker.Url);
    }

    [Fact]
    public async Task An_alarm_is_reported_and_does_not_delay_disposal()
    {
        ITransportConnection connection = await ConnectAsync(broker.Url);
        ITransportChannel channel = await OpenWithQueueAsync(connection);
        var changes = System.Threading.Channels.Channel.CreateUnbounded<string?>();
        connection.BlockedChanged += () => changes.Writer.TryWrite(connection.BlockedReason);
        try
        {
            await BlockAsync();
            await broker.UnblockAsync();
            Assert.Equal("low on memory", await changes.Reader.ReadAsync(Token).AsTask().WaitAsync(Soon, Token));
            Assert.Null(await changes.Reader.ReadAsync(Token).AsTask().WaitAsync(Soon, Token));

            await BlockAsync();
            await DisposesQuicklyAsync(connection);
        }
        finally
        {
            await broker.UnblockAsync();
        }

        // The broker reports an alarm only to connections that publish after it was raised.
        async Task BlockAsync()
        {
            await broker.BlockAsync();
            while (connection.BlockedReason is null)
            {
                await channel.PublishAsync(To(_queue), Token);
                await Task.Delay(20, Token);
            }
        }
    }

    [Fact]
    public async Task A_paused_broker_delays_neither_cancellation_nor_disposal()
    {
        ITransportConnection connection = await ConnectAsync(broker.Url);
        ITransportChannel channel = await OpenWithQueueAsync(connection);
        ITransportChannel other = await connection.OpenChannelAsync(Token);
        await other.ConsumeAsync(_queue, prefetch: 1, new Inbox(), Token);
        await broker.PauseAsync();
        try
        {
            using var cancellation = new CancellationTokenSource(200);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => channel.InspectQueueAsync(_queue, cancellation.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connection.OpenChannelAsync(cancellation.Token));
            await DisposesQuicklyAsync(other);
            await ClogAsync(channel);
            await DisposesQuicklyAsync(connection);
            Assert.Equal("closed by this process", (await connection.Closed.WaitAsync(Soon, Token)).Reason);
            Assert.True(channel.Closed.IsCompleted);
        }
        finally
        {
            await broker.ResumeAsync();
        }
    }

    [Fact]
    public async Task After_cancelled_operations_the_channel_works()
    {
        ITransportChannel channel = await OpenWithQueueAsync();
        await broker.PauseAsync();
        try
        {
            using var cancellation = new CancellationTokenSource(200);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => channel.InspectQueueAsync(_queue, cancellation.Token));

            // Waits for its turn, is never sent, and closes no channel.
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => channel.InspectQueueAsync("missing", cancellation.Token));
        }
        finally
        {
            await broker.ResumeAsync();
        }

        Assert.Equal(new QueueState(0, 0), await channel.InspectQueueAsync(_queue, Token));
    }

    [Fact]
    public async Task A_cancelled_publish_leaves_nothing_behind()
    {
        ITransportChannel channel = await OpenWithQueueAsync();
        int sent;
        await broker.PauseAsync();
        try
        {
            sent = await ClogAsync(channel);
        }
        finally
        {
            await broker.ResumeAsync();
        }

        await channel.PublishAsync(To(_queue, "last"), Token);

        var inbox = new Inbox();
        await channel.ConsumeAsync(_queue, prefetch: 0, inbox, Token);
        for (int i = 0; i < sent; i++)
        {
            IncomingMessage message = await inbox.NextAsync();
            Assert.Equal(i.ToString(System.Globalization.CultureInfo.InvariantCulture), message.Type);
            Assert.False(message.Body.Span.ContainsAnyExcept((byte)i));
        }

        Assert.Equal("last", (await inbox.NextAsync()).Type);
    }

    [Fact]
    public async Task A_silent_broker_is_given_up()
    {
        ITransportConnection connection = await ConnectAsync($"{broker.Url}?heartbeat=1");
        await broker.PauseAsync();
        TransportClosure closure;
        try
        {
            closure = await connection.Closed.WaitAsync(Soon, Token);
        }
        finally
        {
            await broker.ResumeAsync();
        }

        Assert.Equal("the broker is silent: three heartbeats are missing", closure.Reason);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await broker.DeleteQueueAsync(_queue);
    }

    /// <summary>Publishes until the broker, which does not read, blocks a publish. That publish is cancelled.</summary>
    /// <returns>The number of published messages. The n-th has the type n, and a body of bytes n.</returns>
    private async Task<int> ClogAsync(ITransportChannel channel)
    {
        for (int i = 0; ; i++)
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            byte[] body = new byte[64 * 1024];
            Array.Fill(body, (byte)i);
            try
            {
                string type = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
                await channel.PublishAsync(To(_queue, type) with { Body = body }, cancellation.Token);
            }
            catch (OperationCanceledException)
            {
                return i;
            }
        }
    }

    private static async Task DisposesQuicklyAsync(IAsyncDisposable disposable)
    {
        long start = Stopwatch.GetTimestamp();
        await disposable.DisposeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(20)); // the library's own timeout is 30 s
    }

    private async Task<ITransportChannel> OpenWithQueueAsync(ITransportConnection? connection = null)
    {
        connection ??= await ConnectAsync(broker.Url);
        ITransportChannel channel = await connection.OpenChannelAsync(Token);
        await channel.DeclareQueueAsync(new QueueDeclaration(_queue, QueueKind.Classic), Token);
        return channel;
    }
}
