using RpcGen.Transport;

namespace RpcGen.Server;

/// <summary>
/// Makes sure that the queue to be served exists. Looks happen on throwaway channels, for the broker closes the channel
/// of whoever looks for a queue that is not there or declares it differently.
/// </summary>
internal static class QueueDeclarer
{
    public static async Task EnsureAsync(ITransportConnection connection, QueueDeclaration queue, RpcServerOptions options, RpcBodyStyle style, CancellationToken cancellationToken)
    {
        if (options.UseExistingQueue)
        {
            if (!await ExistsAsync(connection, queue.Name, cancellationToken).ConfigureAwait(false))
            {
                throw new RpcUnavailableException(
                    $"Queue '{queue.Name}' does not exist, and RpcServerOptions.UseExistingQueue forbids to declare it. Create it, or leave UseExistingQueue out.", queue.Name);
            }

            return;
        }

        // Whoever speaks the bare style shares its queue with servers of others, who declare it as they like.
        if (style == RpcBodyStyle.Bare && await ExistsAsync(connection, queue.Name, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            await OnThrowawayChannelAsync(connection, channel => channel.DeclareQueueAsync(queue, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.PreconditionFailed)
        {
            if (style == RpcBodyStyle.Bare && await ExistsAsync(connection, queue.Name, cancellationToken).ConfigureAwait(false))
            {
                return; // another server was quicker
            }

            throw new RpcConnectionException(
                $"Queue {queue} can't be declared, for it exists otherwise: {e.Message}. " +
                "Serve it as it is with RpcServerOptions.UseExistingQueue, choose the QueueType and MaxPriority it has, delete it, or choose another Queue.", e);
        }
    }

    private static async Task<bool> ExistsAsync(ITransportConnection connection, string queue, CancellationToken cancellationToken)
    {
        try
        {
            await OnThrowawayChannelAsync(connection, channel => channel.InspectQueueAsync(queue, cancellationToken), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound)
        {
            return false;
        }
    }

    private static async Task OnThrowawayChannelAsync(ITransportConnection connection, Func<ITransportChannel, Task> action, CancellationToken cancellationToken)
    {
        ITransportChannel channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            await action(channel).ConfigureAwait(false);
        }
    }
}
