using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Transport.RabbitMq;

/// <summary>
/// A second connection to a node, up to the broker's first octets (<c>connection.start</c>, or the TLS handshake): it shows
/// whether the node can be reached and is alive, apart from a connection that is silent.
/// </summary>
internal sealed class SecondConnection(RabbitMqSettings settings, BrokerHost host, IPAddress address)
{
    private static readonly byte[] ProtocolHeader = [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1];

    /// <summary>Whether anything came back, be it a refusal. Never fails.</summary>
    public async Task<bool> IsAnsweredAsync(CancellationToken cancellationToken)
    {
        try
        {
            using TlsHandshake? tls = settings.Address.IsTls ? new TlsHandshake(settings.Tls, host.Name) : null;
            using var socket = RabbitMqSocket.Create(address.AddressFamily, tls);
            await socket.ConnectAsync(address, host.Port, cancellationToken).ConfigureAwait(false);
            if (tls is null)
            {
                Stream stream = socket.GetStream();
                await stream.WriteAsync(ProtocolHeader, cancellationToken).ConfigureAwait(false);
                await stream.ReadExactlyAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsAnswer(e))
        {
            return true;
        }
#pragma warning disable CA1031 // Any other failure: nothing came back.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    /// <summary>A refusal, a reset, an end or a failed handshake comes from the other side; that a host is unreachable does not.</summary>
    private static bool IsAnswer(Exception exception) => exception switch
    {
        SocketException socket => socket.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.ConnectionAborted,
        EndOfStreamException or AuthenticationException or CertificateException => true,
        { InnerException: { } inner } => IsAnswer(inner),
        _ => false,
    };
}
