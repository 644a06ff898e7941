using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>
/// One TLS handshake: what <see cref="SslStream"/> uses for it, and what was seen of it, for messages. Owns the client
/// certificate while the connection is open.
/// </summary>
internal sealed class TlsHandshake : IDisposable
{
    private readonly ServerCertificateCheck _check;
    private readonly ClientCertificate? _certificate;
    private readonly X509Certificate2Collection? _authorities;

    /// <exception cref="CertificateException">A file cannot be read, or the application's callback failed.</exception>
    public TlsHandshake(TlsSettings settings, string host)
    {
        ServerName = settings.ServerName ?? host;
        _check = new ServerCertificateCheck(ServerName, settings.CaCertificateFile);
        _authorities = settings.CaCertificateFile is { } file ? CertificateFiles.LoadAuthorities(file) : null;
        _certificate = ClientCertificate.Load(settings);
        ClientSubject = _certificate?.Own.Subject;
        Options = CreateOptions(settings);
        LetApplicationChange(settings, host);
    }

    public SslClientAuthenticationOptions Options { get; }

    /// <summary>The name that is sent to the broker and must be in its certificate.</summary>
    public string ServerName { get; }

    /// <summary>Why the broker's certificate was refused; null if it was not.</summary>
    public string? CertificateProblem => _check.Problem;

    /// <summary>Whether the handshake ended without an error on this side. With TLS 1.3 the broker can still refuse it.</summary>
    public bool IsComplete { get; set; }

    /// <summary>Whether the broker asked for a client certificate. Known only if none is configured.</summary>
    public bool IsCertificateRequested { get; private set; }

    /// <summary>The subject of the client certificate; null if none is configured.</summary>
    public string? ClientSubject { get; }

    public void Dispose()
    {
        _certificate?.Dispose();
        foreach (X509Certificate2 authority in _authorities ?? [])
        {
            authority.Dispose();
        }
    }

    private void LetApplicationChange(TlsSettings settings, string host)
    {
        try
        {
            settings.OnAuthenticate?.Invoke(host, Options);
        }
#pragma warning disable CA1031 // Any exception of the application: the message names its place.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Dispose();
            throw new CertificateException($"Tls.OnAuthenticate failed: {e.Message.TrimEnd('.')} ({e.GetType().Name})", e);
        }
    }

    private SslClientAuthenticationOptions CreateOptions(TlsSettings settings)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = ServerName,
            EnabledSslProtocols = settings.Protocols,
            CertificateRevocationCheckMode = settings.RevocationMode,
#pragma warning disable CA5359 // verify=verify_none asks for it, and is a warning at each start.
            RemoteCertificateValidationCallback = settings.VerifiesPeer ? _check.Validate : AcceptAny,
#pragma warning restore CA5359
        };
        if (_authorities is not null)
        {
            options.CertificateChainPolicy = CreatePolicy(_authorities, settings.RevocationMode);
        }

        if (_certificate is not null)
        {
            options.ClientCertificateContext = _certificate.Context;
        }
        else
        {
            options.LocalCertificateSelectionCallback = OnSelectCertificate;
        }

        return options;
    }

    private static bool AcceptAny(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => true;

    /// <summary>Trusts these authorities only. Their intermediates come from the broker or the file, not from the network.</summary>
    private static X509ChainPolicy CreatePolicy(X509Certificate2Collection authorities, X509RevocationMode revocationMode)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = revocationMode,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private X509Certificate OnSelectCertificate(
        object sender, string targetHost, X509CertificateCollection localCertificates, X509Certificate? remoteCertificate, string[] acceptableIssuers)
    {
        // It is called once before the handshake, and again with the broker's certificate when the broker asks for one.
        IsCertificateRequested |= remoteCertificate is not null;
        return localCertificates.Count > 0 ? localCertificates[0] : null!; // null sends no certificate
    }
}
