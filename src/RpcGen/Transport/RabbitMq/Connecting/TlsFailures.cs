using System.Security.Authentication;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>Explains attempts that ended during the TLS handshake, or right after it, when brokers refuse a client's certificate with TLS 1.3.</summary>
internal static class TlsFailures
{
    public static string Describe(Exception cause, PeerObservation peer, TlsHandshake tls)
    {
        if (tls.CertificateProblem is { } problem)
        {
            return $"TLS failed: {problem}";
        }

        return (tls.IsComplete, peer) switch
        {
            (false, { Kind: PeerKind.ProtocolHeader }) => "this port does not use TLS; write the broker's port for TLS (usually 5671), or amqp:// for a connection without encryption",
            (false, { Kind: PeerKind.Http }) => "an HTTP server without TLS answers, so this is not RabbitMQ's port for TLS (usually 5671)",
            (false, { Kind: PeerKind.Silent, IsEnded: true }) => ConnectFailures.ClosedAtOnce,
            _ => DescribeRefusal(cause, tls),
        };
    }

    private static string DescribeRefusal(Exception cause, TlsHandshake tls)
    {
        string text = Texts(cause);
        if (tls is { IsCertificateRequested: true, ClientSubject: null })
        {
            return "the broker requires a client certificate; set Tls.CertificateFile and Tls.KeyFile (certfile, keyfile) or Tls.CertificateThumbprint";
        }

        if (IsAboutVersions(text))
        {
            return $"TLS failed: the broker and this client have no version of TLS in common; check Tls.Protocols and the broker's ssl_options.versions ({text})";
        }

        if (tls.ClientSubject is { } subject)
        {
            return $"the broker ended the TLS handshake; possibly it refuses this client's certificate, {subject}: check that the certificate is valid, "
                + $"for client authentication, and issued by an authority in the broker's ssl_options.cacertfile ({text})";
        }

        return tls.IsComplete
            ? $"the connection was closed after the TLS handshake, before the broker sent anything; check that RabbitMQ answers on this port ({text})"
            : $"TLS failed ({text}); check that this is the broker's port for TLS";
    }

    private static bool IsAboutVersions(string text) =>
        text.Contains("protocol version", StringComparison.OrdinalIgnoreCase) || text.Contains("unsupported protocol", StringComparison.OrdinalIgnoreCase) || text.Contains("no protocols available", StringComparison.OrdinalIgnoreCase);

    /// <summary>The messages of an exception and its causes. The reasons of TLS are in the innermost ones.</summary>
    private static string Texts(Exception exception)
    {
        var texts = new List<string>();
        for (Exception? current = exception; current is not null; current = current.InnerException)
        {
            bool isGeneral = current is AuthenticationException or IOException && current.InnerException is not null;
            if (!isGeneral)
            {
                texts.Add(current.Message.TrimEnd('.'));
            }
        }

        return string.Join(": ", texts.Distinct(StringComparer.Ordinal));
    }
}
