using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Cli.DeadLetters;

/// <summary>A dead-letter queue. Messages that were read and not removed return to it when this is disposed.</summary>
internal sealed class DeadLetterQueue : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _queue;

    private DeadLetterQueue(IConnection connection, IChannel channel, string queue)
    {
        _connection = connection;
        _channel = channel;
        _queue = queue;
    }

    /// <summary>Opens a queue.</summary>
    /// <param name="address">The broker's address.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="RpcConnectionException">There is no connection.</exception>
    public static async Task<DeadLetterQueue> OpenAsync(string address, string queue, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("amqp" or "amqps"))
        {
            throw new UsageException("Dead letters need a broker: an address such as amqp://user@host.");
        }

        var factory = new ConnectionFactory
        {
            Uri = new UriBuilder(uri) { Query = "" }.Uri,
            AutomaticRecoveryEnabled = false,
            ClientProvidedName = "rpcgen dead",
            RequestedConnectionTimeout = Limit,
            ContinuationTimeout = Limit,
        };
        try
        {
            IConnection connection = await factory.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
            IChannel channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken).ConfigureAwait(false);
            return new DeadLetterQueue(connection, channel, queue);
        }
        catch (BrokerUnreachableException e)
        {
            throw new RpcConnectionException($"No connection to the broker: {(e.InnerException ?? e).Message} 'rpcgen doctor' says more.", e);
        }
    }

    /// <summary>Takes the next message; null if the queue has no more.</summary>
    /// <exception cref="RpcUnavailableException">The queue does not exist.</exception>
    /// <exception cref="RpcAccessDeniedException">The user cannot read it.</exception>
    public async Task<DeadLetter?> TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _channel.BasicGetAsync(_queue, autoAck: false, cancellationToken).ConfigureAwait(false) is { } message ? new DeadLetter(message) : null;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            throw new RpcUnavailableException($"There is no queue '{_queue}'. Name the queue that the dead-letter exchange fills, not the service's.", _queue, e);
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 403)
        {
            throw new RpcAccessDeniedException($"The user cannot read '{_queue}'. Give it the permission to read the queue.", e);
        }
        catch (OperationInterruptedException e)
        {
            throw new RpcConnectionException($"'{_queue}' cannot be read: {e.ShutdownReason?.ReplyText}", e);
        }
    }

    /// <summary>
    /// Sends a message to its queue again, and removes it here once the broker has confirmed it. If the connection is lost between the two, the
    /// message is in both queues.
    /// </summary>
    /// <exception cref="RpcUnavailableException">The message was not sent: its queue does not exist, or is full. It stays here.</exception>
    public async Task ReplayAsync(DeadLetter letter, CancellationToken cancellationToken)
    {
        try
        {
            await _channel.BasicPublishAsync("", letter.Queue, mandatory: true, letter.CreateProperties(), letter.Body, cancellationToken).ConfigureAwait(false);
        }
        catch (PublishException e)
        {
            throw new RpcUnavailableException($"'{letter.Queue}' did not take {letter.Id}: the queue {(e.IsReturn ? "does not exist" : "is full or has failed")}. The dead letter stays where it is.", letter.Queue, e);
        }

        await _channel.BasicAckAsync(letter.DeliveryTag, multiple: false, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }
}
