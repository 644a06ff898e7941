using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RpcGen.Tests.Support;

/// <summary>A certificate authority of a test. It issues certificates and writes them to files of its own folder.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rpcgen-tls-");
    private int _files;

    public TestAuthority(string name = "Test authority")
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        Certificate = request.CreateSelfSigned(Now.AddDays(-100), Now.AddDays(100));
        File = Write(Certificate.ExportCertificatePem());
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The PEM file of the authority.</summary>
    public string File { get; }

    /// <summary>Issues a certificate, by default one that is valid today for a server with this name.</summary>
    /// <param name="revocationList">Where the list of revoked certificates is.</param>
    public X509Certificate2 Issue(string name, TimeSpan? age = null, bool forClients = false, Uri? revocationList = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        string use = forClients ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1";
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost")
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.IPv6Loopback);
        }

        if (revocationList is not null)
        {
            request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([revocationList.AbsoluteUri]));
        }

        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset start = Now - (age ?? TimeSpan.FromDays(1));
        byte[] serial = Guid.NewGuid().ToByteArray();
        serial[0] &= 0x7F;
        using X509Certificate2 issued = request.Create(Certificate, start, start.AddDays(30), serial);
        using X509Certificate2 withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>Signs the list of these revoked certificates.</summary>
    public byte[] Revoke(params X509Certificate2[] certificates)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (X509Certificate2 certificate in certificates)
        {
            list.AddEntry(certificate);
        }

        return list.Build(Certificate, 1, Now.AddDays(1), HashAlgorithmName.SHA256);
    }

    /// <summary>Writes a certificate and its key as PEM files.</summary>
    public (string CertificateFile, string KeyFile) WritePem(X509Certificate2 certificate, string? password = null)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        string pem = password is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000));
        return (Write(certificate.ExportCertificatePem()), Write(pem));
    }

    /// <summary>Writes a certificate with its key as a PFX file.</summary>
    public string WritePfx(X509Certificate2 certificate, string? password = null)
    {
        string file = NewFile();
        System.IO.File.WriteAllBytes(file, certificate.Export(X509ContentType.Pkcs12, password));
        return file;
    }

    public string Write(string text)
    {
        string file = NewFile();
        System.IO.File.WriteAllText(file, text);
        return file;
    }

    /// <summary>The path of a file that does not exist.</summary>
    public string NewFile() => Path.Combine(_folder.FullName, $"{_files++}");

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }
}
