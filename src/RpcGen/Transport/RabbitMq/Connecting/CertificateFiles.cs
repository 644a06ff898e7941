using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>Reads files with certificates.</summary>
internal static class CertificateFiles
{
    /// <summary>Whether a file is PEM text; otherwise it is taken for PFX.</summary>
    public static bool IsPem(string file) => File.ReadAllText(file).Contains("-----BEGIN ", StringComparison.Ordinal);

    /// <summary>Reads the authorities to trust.</summary>
    /// <exception cref="CertificateException">The file cannot be read, or has no certificate.</exception>
    public static X509Certificate2Collection LoadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CertificateException($"the trusted authorities in '{file}' cannot be read: {e.Message.TrimEnd('.')}; check Tls.CaCertificateFile (cacertfile)", e);
        }

        return authorities.Count > 0
            ? authorities
            : throw new CertificateException($"'{file}' has no certificate in PEM form (-----BEGIN CERTIFICATE-----); check Tls.CaCertificateFile (cacertfile)");
    }
}
