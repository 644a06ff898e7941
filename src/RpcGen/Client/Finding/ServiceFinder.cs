using System.Globalization;
using System.Runtime.CompilerServices;
using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Finding;

/// <summary>
/// Asks every running instance what it serves. It has a channel and a callback queue of its own for each search, so that a refusal of
/// the broker ends nothing else. Thread-safe.
/// </summary>
internal sealed class ServiceFinder(Supervisor<ITransportConnection> connections, SessionSettings settings, RpcEnvironment environment)
{
    /// <summary>How long a search lasts if nothing else is said.</summary>
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(2);

    /// <summary>The longest search.</summary>
    public static readonly TimeSpan MaxWindow = TimeSpan.FromMinutes(1);

    /// <summary>Finds instances.</summary>
    /// <param name="queue">The queue that they serve; null for all queues.</param>
    /// <param name="window">The longest time.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async IAsyncEnumerable<RpcServiceInstance> FindAsync(string? queue, TimeSpan window, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string exchange = queue is null ? WireNames.ServicesExchange : queue + WireNames.CancelExchangeSuffix;
        var answers = new ServiceAnswers(environment.Time, window);
        ITransportChannel? channel = await TryAskAsync(exchange, window, answers, cancellationToken).ConfigureAwait(false);
        if (channel is null)
        {
            yield break; // the exchange does not exist, so no server is discoverable
        }

        await using (channel.ConfigureAwait(false))
        {
            await foreach (RpcServiceInstance instance in answers.ReadAsync(channel.Closed, cancellationToken).ConfigureAwait(false))
            {
                yield return instance;
            }

            if (channel.Closed.IsCompleted)
            {
                string reason = (await channel.Closed.ConfigureAwait(false)).Reason;
                throw new RpcConnectionException($"The connection to {settings.Broker} was lost while services were asked: {reason}. There can be more of them.") { Execution = RpcExecution.Started };
            }
        }
    }

    /// <summary>Asks, and opens the channel on which the answers arrive; null if no instance can be there.</summary>
    private async Task<ITransportChannel?> TryAskAsync(string exchange, TimeSpan window, ServiceAnswers answers, CancellationToken cancellationToken)
    {
        ITransportConnection? connection = null;
        ITransportChannel? channel = null;
        try
        {
            connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
            channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
            string callbacks = await OpenCallbacksAsync(channel, answers, cancellationToken).ConfigureAwait(false);
            if (await TryPublishAsync(connection, exchange, callbacks, window, cancellationToken).ConfigureAwait(false))
            {
                return channel;
            }

            await channel.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            if (channel is not null)
            {
                await channel.DisposeAsync().ConfigureAwait(false);
            }

            throw e switch
            {
                TransportRefusedException { Code: AmqpReplyCodes.AccessRefused } refusal => PermissionRefusals.Create(
                    PermissionRefusals.Describe($"Services could not be asked through the exchange '{exchange}'", settings.Broker, connection?.UserName ?? settings.UserName, refusal), refusal),
                TransportRefusedException or TransportClosedException => new RpcConnectionException($"Services could not be asked through the exchange '{exchange}' on {settings.Broker}: {e.Message}", e) { Execution = RpcExecution.NotStarted },
                ObjectDisposedException => new RpcConnectionException("The connection is disposed.", e) { Execution = RpcExecution.NotStarted },
                _ => e,
            };
        }
    }

    private async Task<string> OpenCallbacksAsync(ITransportChannel channel, ServiceAnswers answers, CancellationToken cancellationToken)
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

    private async Task<bool> TryPublishAsync(ITransportConnection connection, string exchange, string replyTo, TimeSpan window, CancellationToken cancellationToken)
    {
        ITransportPublisher publisher = await connection.OpenPublisherAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var question = new OutgoingMessage
            {
                Exchange = exchange,
                RoutingKey = "",
                Type = WireNames.Ping,
                CorrelationId = new CorrelationId(environment.Random.NextBits() | 1), // zero means "none"
                ReplyTo = replyTo,
                Expiration = (long)Math.Ceiling(window.TotalMilliseconds),
                UserId = settings.SendsUser ? connection.UserName : null,
            };
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
