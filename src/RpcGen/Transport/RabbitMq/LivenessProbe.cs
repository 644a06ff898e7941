using RabbitMQ.Client;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// Questions to the broker on a channel of their own, which is opened with the first one. A passive declare of an exchange that
/// every virtual host has needs no permission, and the broker's reader of the connection answers it from memory.
/// </summary>
internal sealed class LivenessProbe(RabbitMqConnection connection, IConnection library, RabbitMqSocket socket) : ILivenessProbe
{
    private const string Exchange = "amq.direct";

    private IChannel? _channel;

    public long Received => socket.Received;

    public SendProgress? ReadSendProgress() => socket.ReadSendProgress();

    public async Task AskAsync()
    {
        try
        {
            _channel = _channel is { IsOpen: true } open ? open : await library.CreateChannelAsync().ConfigureAwait(false);
            await _channel.ExchangeDeclarePassiveAsync(Exchange).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The library throws many types when a connection ends or a channel is refused: both are answers.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The answer counts by its octets.
        }
    }

    public Task<bool> IsReachableAsync(CancellationToken cancellationToken) => connection.IsReachable(cancellationToken);

    public void Cut(string reason) => connection.Cut(new TransportClosure(reason) { IsSilent = true });
}
