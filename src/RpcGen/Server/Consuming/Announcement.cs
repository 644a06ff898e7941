using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// Makes an instance findable: binds its inbox to the exchange that all instances share. It works on channels of its own, because a
/// refusal must not end the channel that serves.
/// </summary>
internal static class Announcement
{
    /// <summary>The broker deletes the exchange with its last queue. Another instance's can go between declaring and binding.</summary>
    private const int MaxAttempts = 3;

    /// <summary>Binds the inbox.</summary>
    /// <returns>Why the broker refused it; null if it did not.</returns>
    public static async Task<TransportRefusedException?> TryAsync(ITransportConnection connection, string inbox, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await ThrowawayChannel.RunAsync(connection, channel => channel.BindFanoutAsync(WireNames.ServicesExchange, inbox, cancellationToken), cancellationToken).ConfigureAwait(false);
                return null;
            }
            catch (TransportRefusedException e) when (e.Code != AmqpReplyCodes.NotFound || attempt == MaxAttempts)
            {
                return e;
            }
            catch (TransportRefusedException)
            {
                // the next attempt declares the exchange again
            }
            catch (TransportClosedException)
            {
                return null; // the next link announces itself
            }
        }
    }
}
