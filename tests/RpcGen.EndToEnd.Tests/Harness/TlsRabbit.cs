using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using RpcGen.Tests.Support;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>
/// A RabbitMQ node with a port for TLS. It trusts client certificates of <see cref="Authority"/>, and shows another certificate
/// for each name that a client asks for.
/// </summary>
public sealed class TlsRabbit : RabbitNode
{
    /// <summary>The name for which the broker shows a certificate that has expired.</summary>
    public const string Expired = "expired.test";

    /// <summary>The name for which the broker shows a certificate with another name.</summary>
    public const string Renamed = "renamed.test";

    /// <summary>The name for which the broker shows a certificate of <see cref="Stranger"/>.</summary>
    public const string Strange = "strange.test";

    /// <summary>The name for which the broker shows a certificate that is revoked.</summary>
    public const string Revoked = "revoked.test";

    /// <summary>The name for which the broker shows a certificate that could be revoked, and is not.</summary>
    public const string Kept = "kept.test";

    /// <summary>The server name for which the broker presents a certificate whose revocation list cannot be downloaded.</summary>
    public const string Unlisted = "unlisted.test";

    private readonly RevocationServer _revocations = new();

    /// <summary>The name for which the broker requires a client certificate.</summary>
    public const string Strict = "strict.test";

    internal TestAuthority Authority { get; } = new();

    internal TestAuthority Stranger { get; } = new("Stranger");

    public int Port => new Uri(Url).Port;

    public int TlsPort => int.Parse(ReadFile("tls_port"), CultureInfo.InvariantCulture);

    /// <summary>Whether this machine has the address ::1, where the broker listens then.</summary>
    public static bool HasIPv6 { get; } = FindIPv6();

    protected override IEnumerable<string> StartArguments =>
    [
        "--plugins", "rabbitmq_auth_mechanism_ssl",
        "--rabbit", $$"""
            {auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']},
            {ssl_listeners, [{"127.0.0.1", @TLS_PORT@}{{(HasIPv6 ? ", {\"::1\", @TLS_PORT@}" : "")}}]},
            {ssl_options, [{cacertfile, "{{Authority.File}}"}, {{Show(Authority.Issue("localhost"))}},
                           {verify, verify_peer}, {fail_if_no_peer_cert, false},
                           {sni_hosts, [{"{{Expired}}", [{{Show(Authority.Issue(Expired, age: TimeSpan.FromDays(40)))}}]},
                                        {"{{Renamed}}", [{{Show(Authority.Issue("elsewhere.test"))}}]},
                                        {"{{Strange}}", [{{Show(Stranger.Issue(Strange))}}]},
                                        {"{{Revoked}}", [{{Show(IssueRevoked())}}]},
                                        {"{{Kept}}", [{{Show(Authority.Issue(Kept, revocationList: _revocations.List))}}]},
                                        {"{{Unlisted}}", [{{Show(Authority.Issue(Unlisted, revocationList: new Uri(_revocations.List, "missing")))}}]},
                                        {"{{Strict}}", [{{Show(Authority.Issue(Strict))}}, {fail_if_no_peer_cert, true}]}]}]}
            """,
    ];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _revocations.DisposeAsync();
        Authority.Dispose();
        Stranger.Dispose();
    }

    /// <summary>Creates a user that can do everything.</summary>
    public Task AddUserAsync(string name, string password) => EvalAsync(
        $"rabbit_auth_backend_internal:add_user(<<\"{name}\">>, <<\"{password}\">>, <<\"test\">>), " +
        $"rabbit_auth_backend_internal:set_permissions(<<\"{name}\">>, <<\"/\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>).");

    private static bool FindIPv6()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private X509Certificate2 IssueRevoked()
    {
        X509Certificate2 certificate = Authority.Issue(Revoked, revocationList: _revocations.List);
        _revocations.Publish(Authority.Revoke(certificate));
        return certificate;
    }

    private string Show(X509Certificate2 certificate)
    {
        (string file, string key) = Authority.WritePem(certificate);
        return $"{{certfile, \"{file}\"}}, {{keyfile, \"{key}\"}}";
    }
}
