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
    /// <summary>Binds the inbox.</summary>
    /// <returns>Why the broker refused it; null if it did not.</returns>
    public static async Task<TransportRefusedException?> TryAsync(ITransportConnection connection, string inbox, CancellationToken cancellationToken)
    {
        try
        {
            await ThrowawayChannel.RunAsync(connection, channel => channel.BindFanoutAsync(WireNames.ServicesExchange, inbox, cancellationToken), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (TransportRefusedException e)
        {
            return e;
        }
        catch (TransportClosedException)
        {
            return null; // the next link announces itself
        }
    }
}
