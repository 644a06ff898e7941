using System.Globalization;
using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Finding;

/// <summary>
/// Publishes questions to all instances, of one queue or of all. It has a channel and a callback queue of its own for each question, so that a
/// refusal of the broker ends nothing else. Thread-safe.
/// </summary>
internal sealed class InstanceAsker(Supervisor<ITransportConnection> connections, SessionSettings settings, RpcEnvironment environment)
{
    /// <summary>Creates a question.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="queue">The queue that the instances serve; null for all.</param>
    /// <param name="lifetime">How long an instance can answer it.</param>
    /// <param name="body">Its body.</param>
    public OutgoingMessage Create(string type, string? queue, TimeSpan lifetime, ReadOnlyMemory<byte> body = default) => new()
    {
        Exchange = queue is null ? WireNames.ServicesExchange : queue + WireNames.CancelExchangeSuffix,
        RoutingKey = "",
        Type = type,
        ContentType = body.IsEmpty ? null : WireNames.Json,
        CorrelationId = new CorrelationId(environment.Random.NextBits() | 1), // zero means "none"
        Expiration = (long)Math.Ceiling(lifetime.TotalMilliseconds),
        Body = body,
    };

    /// <summary>Opens the channel on which the answers arrive.</summary>
    /// <exception cref="RpcException">The broker refuses it, or there is no connection.</exception>
    public async Task<AskedInstances> OpenAsync(OutgoingMessage question, ITransportConsumer answers, CancellationToken cancellationToken)
    {
        ITransportConnection? connection = null;
        ITransportChannel? channel = null;
        try
        {
            connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
            channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
            string callbacks = await OpenCallbacksAsync(channel, answers, cancellationToken).ConfigureAwait(false);
            return new AskedInstances(channel, connection, question with { ReplyTo = callbacks, UserId = settings.SendsUser ? connection.UserName : null });
        }
        catch (Exception e)
        {
            if (channel is not null)
            {
                await channel.DisposeAsync().ConfigureAwait(false);
            }

            throw Translate(e, question.Exchange, connection);
        }
    }

    /// <summary>Asks, once more or for the first time. False if no instance can be there.</summary>
    /// <exception cref="RpcException">The broker refuses it, or the connection is lost.</exception>
    public async Task<bool> TryAskAsync(AskedInstances asked, CancellationToken cancellationToken)
    {
        try
        {
            return await TryPublishAsync(asked.Connection, asked.Question, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            throw Translate(e, asked.Question.Exchange, asked.Connection);
        }
    }

    private Exception Translate(Exception exception, string exchange, ITransportConnection? connection) => exception switch
    {
        TransportRefusedException { Code: AmqpReplyCodes.AccessRefused } refusal => PermissionRefusals.Create(
            PermissionRefusals.Describe($"Services could not be asked through the exchange '{exchange}'", settings.Broker, connection?.UserName ?? settings.UserName, refusal), refusal),
        TransportRefusedException or TransportClosedException => new RpcConnectionException($"Services could not be asked through the exchange '{exchange}' on {settings.Broker}: {exception.Message}", exception) { Execution = RpcExecution.NotStarted },
        ObjectDisposedException => new RpcConnectionException("The connection is disposed.", exception) { Execution = RpcExecution.NotStarted },
        _ => exception,
    };

    private async Task<string> OpenCallbacksAsync(ITransportChannel channel, ITransportConsumer answers, CancellationToken cancellationToken)
    {
        string queue = WireNames.CallbackQueuePrefix + environment.Random.NextBits().ToString("x16", CultureInfo.InvariantCulture);
        await channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), cancellationToken).ConfigureAwait(false);
        await channel.ConsumeAsync(queue, prefetch: 0, answers, cancellationToken).ConfigureAwait(false);
        if (settings.ReplyExchange.Length > 0)
        {
            await channel.BindDirectAsync(settings.ReplyExchange, queue, cancellationToken).ConfigureAwait(false);
        }

        return queue;
    }

    private static async Task<bool> TryPublishAsync(ITransportConnection connection, OutgoingMessage question, CancellationToken cancellationToken)
    {
        ITransportPublisher publisher = await connection.OpenPublisherAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await publisher.PublishAsync(in question, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound)
        {
            return false;
        }
        catch (TransportClosedException e) when (e.Closure is { IsPublishRefused: true, ReplyCode: AmqpReplyCodes.NotFound })
        {
            return false;
        }
        catch (TransportClosedException e) when (e.Closure is { IsPublishRefused: true, ReplyCode: AmqpReplyCodes.AccessRefused })
        {
            throw new TransportRefusedException(e.Closure.ReplyCode, e.Closure.Reason, e);
        }
        finally
        {
            await publisher.DisposeAsync().ConfigureAwait(false);
        }
    }
}

/// <summary>A question, and the channel on which its answers arrive.</summary>
internal sealed record AskedInstances(ITransportChannel Channel, ITransportConnection Connection, OutgoingMessage Question) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Channel.DisposeAsync();
}
