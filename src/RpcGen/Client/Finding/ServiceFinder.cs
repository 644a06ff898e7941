using System.Globalization;
using System.Runtime.CompilerServices;
using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Finding;

/// <summary>
/// Asks every running instance about itself. It has a channel and a callback queue of its own for each question, so that a refusal of
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
    public IAsyncEnumerable<RpcServiceInstance> FindAsync(string? queue, TimeSpan window, CancellationToken cancellationToken) =>
        AskAsync(InstanceQuestion.Ping, queue, window, cancellationToken);

    /// <summary>Gets the statistics of the instances of a queue.</summary>
    /// <param name="queue">The queue that they serve.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public IAsyncEnumerable<RpcServiceStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken) =>
        AskAsync(InstanceQuestion.Stats, queue, DefaultWindow, cancellationToken);

    private async IAsyncEnumerable<T> AskAsync<T>(InstanceQuestion<T> question, string? queue, TimeSpan window, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        string exchange = queue is null ? WireNames.ServicesExchange : queue + WireNames.CancelExchangeSuffix;
        var answers = new InstanceAnswers<T>(question, queue, environment.Time, window);
        OutgoingMessage message = Create(question.Method.Name, exchange, window);
        ITransportChannel? channel = await TryAskAsync(message, answers, cancellationToken).ConfigureAwait(false);
        if (channel is null)
        {
            yield break; // the exchange does not exist, so no server is discoverable
        }

        await using (channel.ConfigureAwait(false))
        {
            bool isAnswered = false;
            await foreach (T answer in answers.ReadAsync(channel.Closed, cancellationToken).ConfigureAwait(false))
            {
                isAnswered = true;
                yield return answer;
            }

            if (channel.Closed.IsCompleted)
            {
                string reason = (await channel.Closed.ConfigureAwait(false)).Reason;
                throw new RpcConnectionException($"The connection to {settings.Broker} was lost while services were asked: {reason}. There can be more of them.") { Execution = RpcExecution.Started };
            }

            if (!isAnswered && answers.Refusal is { } refusal)
            {
                throw FaultReader.Read(refusal, question.Method, queue ?? exchange, message.CorrelationId.ToString()!, hasEarlierAttempts: false, out _);
            }
        }
    }

    /// <summary>Asks, and opens the channel on which the answers arrive; null if no instance can be there.</summary>
    private async Task<ITransportChannel?> TryAskAsync(OutgoingMessage question, ITransportConsumer answers, CancellationToken cancellationToken)
    {
        string exchange = question.Exchange;
        ITransportConnection? connection = null;
        ITransportChannel? channel = null;
        try
        {
            connection = await connections.GetAsync(cancellationToken).ConfigureAwait(false);
            channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
            string callbacks = await OpenCallbacksAsync(channel, answers, cancellationToken).ConfigureAwait(false);
            question = question with { ReplyTo = callbacks, UserId = settings.SendsUser ? connection.UserName : null };
            if (await TryPublishAsync(connection, question, cancellationToken).ConfigureAwait(false))
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

    private OutgoingMessage Create(string type, string exchange, TimeSpan window) => new()
    {
        Exchange = exchange,
        RoutingKey = "",
        Type = type,
        CorrelationId = new CorrelationId(environment.Random.NextBits() | 1), // zero means "none"
        Expiration = (long)Math.Ceiling(window.TotalMilliseconds),
    };

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
