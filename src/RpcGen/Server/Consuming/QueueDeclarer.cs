using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Server.Settings;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// Makes sure that the request queue exists. It works on throwaway channels, because the broker closes a channel that asks for
/// a missing queue or declares an existing one differently.
/// </summary>
internal static class QueueDeclarer
{
    /// <summary>Declares the queue, or checks that it exists if the settings ask for that.</summary>
    /// <exception cref="RpcUnavailableException">The queue must exist and does not.</exception>
    /// <exception cref="RpcConnectionException">The queue exists with other properties.</exception>
    public static async Task EnsureAsync(ITransportConnection connection, ServerSettings settings, CancellationToken cancellationToken)
    {
        QueueDeclaration queue = settings.Queue;
        if (settings.UseExistingQueue)
        {
            if (!await ExistsAsync(connection, queue.Name, cancellationToken).ConfigureAwait(false))
            {
                throw new RpcUnavailableException(
                    $"Queue '{queue.Name}' does not exist, and RpcServerOptions.UseExistingQueue forbids declaring it. Create the queue, or do not set UseExistingQueue.", queue.Name);
            }

            return;
        }

        // Bare services share their queue with servers of other libraries, which declare it as they like.
        bool acceptsAnyQueue = settings.BodyStyle == RpcBodyStyle.Bare;
        if (acceptsAnyQueue && await ExistsAsync(connection, queue.Name, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            await ThrowawayChannel.RunAsync(connection, channel => channel.DeclareQueueAsync(queue, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (TransportClosedException e) when (QueueRefusals.DescribeDenied(e.Closure.Reason) is { } denied)
        {
            // The broker closes the whole connection. It would do so at each attempt.
            throw new RpcConnectionException($"Queue {queue} cannot be declared: {denied}.", e) { IsPermanent = true };
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.PreconditionFailed && QueueRefusals.DescribeLimit(e.Message) is null)
        {
            if (acceptsAnyQueue && await ExistsAsync(connection, queue.Name, cancellationToken).ConfigureAwait(false))
            {
                return; // another server declared it meanwhile
            }

            string difference = QueueRefusals.DescribeDifference(e.Message) ?? "the broker refuses it. Serve the queue as it is (RpcServerOptions.UseExistingQueue), correct QueueType, MaxPriority and QueueExpiresAfter, delete the queue, or choose another Queue.";
            throw new RpcConnectionException($"Queue {queue} cannot be declared: {difference} The broker says: {e.Message}.", e) { IsPermanent = true };
        }
    }

    private static Task<bool> ExistsAsync(ITransportConnection connection, string queue, CancellationToken cancellationToken) =>
        ThrowawayChannel.ExistsAsync(connection, channel => channel.InspectQueueAsync(queue, cancellationToken), cancellationToken);
}
