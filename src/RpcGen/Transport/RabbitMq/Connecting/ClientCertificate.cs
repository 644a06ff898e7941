using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>The certificate of this client, with its private key and the intermediate authorities that are sent with it.</summary>
internal sealed class ClientCertificate : IDisposable
{
    private readonly X509Certificate2Collection _all;

    private ClientCertificate(X509Certificate2 own, X509Certificate2Collection all)
    {
        Own = own;
        _all = all;
        Context = SslStreamCertificateContext.Create(own, all, offline: true);
    }

    /// <summary>The certificate itself.</summary>
    public X509Certificate2 Own { get; }

    /// <summary>For <see cref="SslStream"/>.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Reads the certificate; null if none is configured. Nothing is cached, so that a renewed one is used for the next connection.</summary>
    /// <exception cref="CertificateException">It cannot be read.</exception>
    public static ClientCertificate? Load(TlsSettings settings) =>
        settings.CertificateFile is { } file ? FromFile(file, settings.KeyFile, settings.Password)
        : settings.CertificateThumbprint is { } thumbprint ? FromStore(thumbprint)
        : null;

    public void Dispose()
    {
        Own.Dispose();
        foreach (X509Certificate2 certificate in _all)
        {
            certificate.Dispose();
        }
    }

    private static ClientCertificate FromFile(string file, string? keyFile, string? password)
    {
        try
        {
            return CertificateFiles.IsPem(file) ? FromPem(file, keyFile, password) : FromPfx(file, keyFile, password);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            string files = keyFile is null ? $"'{file}'" : $"'{file}' and '{keyFile}'";
            string remedy = e is CryptographicException ? "; check that the file has a certificate and its private key, and that Tls.Password (password) is right" : "";
            throw new CertificateException($"the client certificate in {files} cannot be read: {e.Message.TrimEnd('.')}{remedy}", e);
        }
    }

    private static ClientCertificate FromPem(string file, string? keyFile, string? password)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(file);
        using X509Certificate2 read = password is null
            ? X509Certificate2.CreateFromPemFile(file, keyFile)
            : X509Certificate2.CreateFromEncryptedPemFile(file, password, keyFile);

        // Windows cannot use a key that exists in memory only.
        return new ClientCertificate(X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), password: null), all);
    }

    private static ClientCertificate FromPfx(string file, string? keyFile, string? password)
    {
        if (keyFile is not null)
        {
            throw new ArgumentException("it is a PFX file, which has its key inside; remove Tls.KeyFile (keyfile)");
        }

        X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password);
        return all.FirstOrDefault(certificate => certificate.HasPrivateKey) is { } own
            ? new ClientCertificate(own, all)
            : throw new CryptographicException("It has no private key.");
    }

    private static ClientCertificate FromStore(string thumbprint)
    {
        string digits = string.Concat(thumbprint.Where(char.IsAsciiHexDigit));
        X509Certificate2? found = FindInStore(StoreLocation.CurrentUser, digits) ?? FindInStore(StoreLocation.LocalMachine, digits);
        return found switch
        {
            null => throw new CertificateException($"no certificate with the thumbprint '{digits}' is in the store My of the current user or the machine; check Tls.CertificateThumbprint"),
            { HasPrivateKey: false } => throw new CertificateException($"the certificate with the thumbprint '{digits}' has no private key in the store; import it with its key"),
            _ => new ClientCertificate(found, []),
        };
    }

    private static X509Certificate2? FindInStore(StoreLocation location, string thumbprint)
    {
        try
        {
            using var store = new X509Store(StoreName.My, location);
            store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            X509Certificate2Collection found = store.Certificates.Find(X509FindType.FindByThumbprint, thumbprint, validOnly: false);
            return found.Count > 0 ? found[0] : null;
        }
        catch (CryptographicException)
        {
            return null; // the system has no such store
        }
    }
}
