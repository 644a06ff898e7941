using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>Decides whether a broker's certificate is accepted, as <see cref="SslStream"/> would, and keeps the reason if it is not.</summary>
/// <param name="expectedName">The name that the certificate must have.</param>
/// <param name="caFile">The file with the trusted authorities; null for the system's.</param>
internal sealed class ServerCertificateCheck(string expectedName, string? caFile)
{
    /// <summary>Why the certificate is refused, and what to do, as a clause; null if it is accepted.</summary>
    public string? Problem { get; private set; }

    /// <summary>A <see cref="RemoteCertificateValidationCallback"/>.</summary>
    public bool Validate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Problem = errors == SslPolicyErrors.None ? null : Explain(certificate as X509Certificate2, chain, errors);
        return errors == SslPolicyErrors.None;
    }

    private string Explain(X509Certificate2? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "the broker sent no certificate; check ssl_options.certfile of the broker";
        }

        var problems = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            problems.Add(ExplainName(certificate));
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null)
        {
            problems.AddRange(chain.ChainStatus.Select(status => ExplainChain(status, chain)).Distinct(StringComparer.Ordinal));
        }

        return string.Join("; ", problems);
    }

    private string ExplainName(X509Certificate2 certificate)
    {
        string[] names = [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())))];
        string has = names.Length > 0 ? string.Join(", ", names) : $"no host (its subject is {certificate.Subject}, and it has no subject alternative name)";
        return $"the broker's certificate names {has}, not '{expectedName}'; connect to a name that it has, or set Tls.ServerName (server_name_indication) to one (NameMismatch)";
    }

    private string ExplainChain(X509ChainStatus status, X509Chain chain)
    {
        X509Certificate2[] certificates = [.. chain.ChainElements.Select(element => element.Certificate)];
        switch (status.Status)
        {
            case X509ChainStatusFlags.NotTimeValid:
                X509Certificate2 invalid = chain.ChainElements.First(element => element.ChainElementStatus.Any(found => found.Status.HasFlag(status.Status))).Certificate;
                return $"the broker's certificate is not valid now: {invalid.Subject} is valid from {Day(invalid.NotBefore)} to {Day(invalid.NotAfter)}; renew it, and check this machine's clock";
            case X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain:
                return caFile is null
                    ? $"this machine does not trust the authority of the broker's certificate, {certificates[^1].Issuer}; give its certificate with Tls.CaCertificateFile (cacertfile), or add it to the system's store"
                    : $"the authority of the broker's certificate, {certificates[^1].Issuer}, is not in '{caFile}'; check Tls.CaCertificateFile (cacertfile), and that the broker sends its intermediate certificates";
            case X509ChainStatusFlags.Revoked:
                return "the broker's certificate is revoked; renew it";
            case X509ChainStatusFlags.RevocationStatusUnknown or X509ChainStatusFlags.OfflineRevocation:
                return "it is unknown whether the broker's certificate is revoked, because its authority's revocation list cannot be reached; make it reachable, or set Tls.RevocationMode to NoCheck";
            default:
                return $"the broker's certificate is not valid: {status.StatusInformation.TrimEnd('.', ' ', '\n')} ({status.Status})";
        }
    }

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
