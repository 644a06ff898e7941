using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RpcGen;

/// <summary>
/// TLS of <c>amqps://</c> connections. The connection string can set most of these options too. Values that are set here override
/// it. A client certificate that is set here is used only with the key and password that are set here. Files are read for each
/// connection, so renewed certificates need no restart. Copied with the options that hold it.
/// </summary>
public sealed class RpcTlsOptions
{
    /// <summary>Creates options with the defaults.</summary>
    public RpcTlsOptions()
    {
    }

    /// <summary>Copies other options.</summary>
    public RpcTlsOptions(RpcTlsOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        CaCertificateFileSetting = other.CaCertificateFileSetting;
        CertificateFileSetting = other.CertificateFileSetting;
        KeyFileSetting = other.KeyFileSetting;
        PasswordSetting = other.PasswordSetting;
        ServerNameSetting = other.ServerNameSetting;
        UseExternalLoginSetting = other.UseExternalLoginSetting;
        CertificateThumbprintSetting = other.CertificateThumbprintSetting;
        RevocationMode = other.RevocationMode;
        Protocols = other.Protocols;
        OnAuthenticate = other.OnAuthenticate;
    }

    /// <summary>
    /// A PEM file with the authorities that the broker's certificate can be issued by, in place of the system's. Default: null,
    /// the system's. In connection strings: <c>cacertfile</c>.
    /// </summary>
    public string? CaCertificateFile
    {
        get => CaCertificateFileSetting.Value;
        set => CaCertificateFileSetting = Setting<string?>.Code(value);
    }

    /// <summary>
    /// The client's certificate: a PEM file with the certificate first and its intermediate authorities after it, or a PFX
    /// file. Default: null, no client certificate. In connection strings: <c>certfile</c>.
    /// </summary>
    public string? CertificateFile
    {
        get => CertificateFileSetting.Value;
        set => CertificateFileSetting = Setting<string?>.Code(value);
    }

    /// <summary>
    /// The PEM file with the private key of <see cref="CertificateFile"/>. Default: null, the key is in the same file. In
    /// connection strings: <c>keyfile</c>.
    /// </summary>
    public string? KeyFile
    {
        get => KeyFileSetting.Value;
        set => KeyFileSetting = Setting<string?>.Code(value);
    }

    /// <summary>The password of the key or PFX file. Default: null, no password. In connection strings: <c>password</c>. Never shown.</summary>
    public string? Password
    {
        get => PasswordSetting.Value;
        set => PasswordSetting = Setting<string?>.Code(value);
    }

    /// <summary>
    /// The thumbprint (SHA-1, hexadecimal) of a client certificate in the store <c>My</c> of the current user or, if it is not
    /// there, of the machine. In place of <see cref="CertificateFile"/>. Default: null.
    /// </summary>
    public string? CertificateThumbprint
    {
        get => CertificateThumbprintSetting.Value;
        set => CertificateThumbprintSetting = Setting<string?>.Code(value);
    }

    /// <summary>
    /// The name that is sent to the broker (SNI) and must be in its certificate. Default: null, the name of each host as
    /// written in the connection string. In connection strings: <c>server_name_indication</c>.
    /// </summary>
    public string? ServerName
    {
        get => ServerNameSetting.Value;
        set => ServerNameSetting = Setting<string?>.Code(value);
    }

    /// <summary>Whether and how it is checked that the broker's certificate is not revoked. Default: <see cref="X509RevocationMode.NoCheck"/>.</summary>
    public X509RevocationMode RevocationMode { get; set; }

    /// <summary>
    /// The versions of TLS that can be used: <see cref="SslProtocols.Tls12"/>, <see cref="SslProtocols.Tls13"/> or both.
    /// Default: <see cref="SslProtocols.None"/>, the system's choice.
    /// </summary>
    public SslProtocols Protocols { get; set; }

    /// <summary>
    /// Whether the client certificate is the login (SASL EXTERNAL), in place of user and password. The broker needs its plugin
    /// <c>rabbitmq_auth_mechanism_ssl</c>. Default: false. In connection strings: <c>auth_mechanism=external</c>.
    /// </summary>
    public bool UseExternalLogin
    {
        get => UseExternalLoginSetting.Value;
        set => UseExternalLoginSetting = Setting<bool>.Code(value);
    }

    /// <summary>
    /// Called before each handshake, after everything else is set, with the host's name and what <see cref="SslStream"/> will
    /// use. It can change anything, and is called by several threads. An exception fails the attempt. Default: null.
    /// </summary>
    public Action<string, SslClientAuthenticationOptions>? OnAuthenticate { get; set; }

    internal Setting<string?> CaCertificateFileSetting { get; set; }

    internal Setting<string?> CertificateFileSetting { get; set; }

    internal Setting<string?> KeyFileSetting { get; set; }

    internal Setting<string?> PasswordSetting { get; set; }

    internal Setting<string?> CertificateThumbprintSetting { get; set; }

    internal Setting<string?> ServerNameSetting { get; set; }

    internal Setting<bool> UseExternalLoginSetting { get; set; }
}
