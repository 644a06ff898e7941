using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>Makes sure that direct exchanges exist, and binds queues to them. Works on throwaway channels.</summary>
internal static class ExchangeDeclarer
{
    /// <summary>
    /// Declares an exchange unless it exists. An existing one is used as it is: then the user needs no permission to declare it.
    /// </summary>
    /// <exception cref="TransportRefusedException">The exchange does not exist, and the user lacks the permission to declare it.</exception>
    public static async Task EnsureAsync(ITransportConnection connection, string exchange, CancellationToken cancellationToken)
    {
        if (!await ThrowawayChannel.ExistsAsync(connection, channel => channel.InspectExchangeAsync(exchange, cancellationToken), cancellationToken).ConfigureAwait(false))
        {
            await ThrowawayChannel.RunAsync(connection, channel => channel.DeclareDirectAsync(exchange, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes sure that an exchange exists, and binds a queue to it by the queue's name.</summary>
    /// <exception cref="TransportRefusedException">The user lacks a permission.</exception>
    public static async Task EnsureBoundAsync(ITransportConnection connection, string exchange, string queue, CancellationToken cancellationToken)
    {
        await EnsureAsync(connection, exchange, cancellationToken).ConfigureAwait(false);
        await ThrowawayChannel.RunAsync(connection, channel => channel.BindDirectAsync(exchange, queue, cancellationToken), cancellationToken).ConfigureAwait(false);
    }
}
