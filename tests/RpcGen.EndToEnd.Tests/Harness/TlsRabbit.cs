using System.Globalization;
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

    /// <summary>The name for which the broker requires a client certificate.</summary>
    public const string Strict = "strict.test";

    internal TestAuthority Authority { get; } = new();

    internal TestAuthority Stranger { get; } = new("Stranger");

    public int Port => new Uri(Url).Port;

    public int TlsPort => int.Parse(ReadFile("tls_port"), CultureInfo.InvariantCulture);

    protected override IEnumerable<string> StartArguments =>
    [
        "--plugins", "rabbitmq_auth_mechanism_ssl",
        "--rabbit", $$"""
            {auth_mechanisms, ['PLAIN', 'AMQPLAIN', 'EXTERNAL']},
            {ssl_listeners, [{"127.0.0.1", @TLS_PORT@}]},
            {ssl_options, [{cacertfile, "{{Authority.File}}"}, {{Show(Authority.Issue("localhost"))}},
                           {verify, verify_peer}, {fail_if_no_peer_cert, false},
                           {sni_hosts, [{"{{Expired}}", [{{Show(Authority.Issue(Expired, age: TimeSpan.FromDays(40)))}}]},
                                        {"{{Renamed}}", [{{Show(Authority.Issue("elsewhere.test"))}}]},
                                        {"{{Strange}}", [{{Show(Stranger.Issue(Strange))}}]},
                                        {"{{Strict}}", [{{Show(Authority.Issue(Strict))}}, {fail_if_no_peer_cert, true}]}]}]}
            """,
    ];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Authority.Dispose();
        Stranger.Dispose();
    }

    /// <summary>Creates a user that can do everything.</summary>
    public Task AddUserAsync(string name, string password) => EvalAsync(
        $"rabbit_auth_backend_internal:add_user(<<\"{name}\">>, <<\"{password}\">>, <<\"test\">>), " +
        $"rabbit_auth_backend_internal:set_permissions(<<\"{name}\">>, <<\"/\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>).");

    private string Show(X509Certificate2 certificate)
    {
        (string file, string key) = Authority.WritePem(certificate);
        return $"{{certfile, \"{file}\"}}, {{keyfile, \"{key}\"}}";
    }
}
