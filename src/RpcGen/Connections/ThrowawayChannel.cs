using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>Runs operations on channels of their own, because the broker closes the channel of an operation that it refuses.</summary>
internal static class ThrowawayChannel
{
    /// <summary>Opens a channel, runs the operation and closes the channel.</summary>
    public static async Task RunAsync(ITransportConnection connection, Func<ITransportChannel, Task> operation, CancellationToken cancellationToken)
    {
        ITransportChannel channel = await connection.OpenChannelAsync(cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            await operation(channel).ConfigureAwait(false);
        }
    }

    /// <summary>Runs an operation that fails if something does not exist.</summary>
    /// <returns>Whether it exists.</returns>
    /// <exception cref="TransportRefusedException">The broker refused for another reason, for example because the queue exists and cannot be reached.</exception>
    public static async Task<bool> ExistsAsync(ITransportConnection connection, Func<ITransportChannel, Task> operation, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(connection, operation, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TransportRefusedException e) when (e.Code == AmqpReplyCodes.NotFound && UnreachableQueues.DescribeIn(e.Code, e.Message) is null)
        {
            return false;
        }
    }
}
