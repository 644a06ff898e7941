using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>TLS of connections. A class rather than a record, because a record would print the password.</summary>
internal sealed class TlsSettings
{
    /// <summary>A PEM file with the trusted authorities; null for the system's.</summary>
    public string? CaCertificateFile { get; init; }

    /// <summary>The client's certificate, PEM or PFX; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The private key of a PEM certificate; null if the certificate's file has it.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The password of the key or PFX file.</summary>
    public string? Password { get; init; }

    /// <summary>The thumbprint of a client certificate in a store; null for none.</summary>
    public string? CertificateThumbprint { get; init; }

    /// <summary>The name that the broker's certificate must have; null for the host's.</summary>
    public string? ServerName { get; init; }

    /// <summary>Whether the broker's certificate is checked.</summary>
    public bool VerifiesPeer { get; init; } = true;

    public X509RevocationMode RevocationMode { get; init; }

    public SslProtocols Protocols { get; init; }

    /// <summary>Whether the client certificate is the login.</summary>
    public bool UseExternalLogin { get; init; }

    /// <summary>Changes what <see cref="SslStream"/> will use.</summary>
    public Action<string, SslClientAuthenticationOptions>? OnAuthenticate { get; init; }

    /// <summary>Whether a client certificate is configured. <see cref="OnAuthenticate"/> can also provide one.</summary>
    public bool HasCertificate => CertificateFile is not null || CertificateThumbprint is not null;

    private bool HasAny => HasCertificate || CaCertificateFile is not null || KeyFile is not null || Password is not null || ServerName is not null;

    /// <summary>Checks that the settings fit together, and to the address. Messages name settings as options and as URI parameters.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public void Validate(bool isTls)
    {
        string? problem = this switch
        {
            { CertificateFile: not null, CertificateThumbprint: not null } => "Tls.CertificateFile (certfile) and Tls.CertificateThumbprint are both set; remove one",
            { KeyFile: not null, CertificateFile: null } => "Tls.KeyFile (keyfile) is set without Tls.CertificateFile (certfile); set both",
            { Password: not null, CertificateFile: null } => "Tls.Password (password) is set without Tls.CertificateFile (certfile), whose key it opens; set both",
            { UseExternalLogin: true } when !isTls => "Tls.UseExternalLogin is set, but the address starts with amqp://; write amqps://, because the login is the client certificate of TLS",
            { UseExternalLogin: true, HasCertificate: false, OnAuthenticate: null } =>
                "Tls.UseExternalLogin (auth_mechanism=external) needs a client certificate; set Tls.CertificateFile (certfile) or Tls.CertificateThumbprint",
            _ => null,
        };
        if (problem is not null)
        {
            throw new ArgumentException($"The TLS settings are invalid: {problem}.");
        }
    }

    /// <summary>What an operator should know at the start, as sentences.</summary>
    public IEnumerable<string> FindWarnings(bool isTls)
    {
        if (!VerifiesPeer)
        {
            yield return "verify=verify_none in the connection string: the broker's certificate is not checked, so anyone between this application and the broker can read and change everything, passwords included. Give the broker's authority with cacertfile (Tls.CaCertificateFile) instead.";
        }

        if (!isTls && HasAny)
        {
            yield return "The settings of TLS have no effect, because the address starts with amqp://: the connection is not encrypted. Write amqps:// with the broker's port for TLS, usually 5671.";
        }
    }
}
