using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>A RabbitMQ node that takes OAuth 2 tokens of the test, and passwords.</summary>
public sealed class TokenRabbit : RabbitNode
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly string _file = Path.GetTempFileName();

    protected override IEnumerable<string> StartArguments =>
    [
        "--plugins", "rabbitmq_auth_backend_oauth2",
        "--rabbit", "{auth_backends, [rabbit_auth_backend_oauth2, rabbit_auth_backend_internal]}",
        "--config", $$$$"""
            {rabbitmq_auth_backend_oauth2, [{resource_server_id, <<"rabbitmq">>},
                {key_config, [{default_key, <<"key">>}, {signing_keys, #{
                    <<"key">> => {pem_file, "{{{{_file}}}}"},
                    <<"secret">> => {map, #{<<"kty">> => <<"oct">>, <<"kid">> => <<"secret">>, <<"alg">> => <<"HS256">>, <<"k">> => <<"{{{{Encode(_secret)}}}}">>}} }}]}]}
            """,
    ];

    public override ValueTask InitializeAsync()
    {
        File.WriteAllText(_file, _key.ExportSubjectPublicKeyInfoPem());
        return base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(_file);
        _key.Dispose();
    }

    /// <summary>Issues a token for everything, in the way of an authorization server.</summary>
    public string Issue(DateTimeOffset expires) => Issue(expires, _key);

    public static string Issue(DateTimeOffset expires, RSA key) =>
        Issue(expires, """{"alg":"RS256","typ":"JWT","kid":"key"}"""u8, signed => key.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    /// <summary>Issues a token that is signed with a secret that the broker shares (HS256).</summary>
    public string IssueBySecret(DateTimeOffset expires) =>
        Issue(expires, """{"alg":"HS256","typ":"JWT","kid":"secret"}"""u8, signed => HMACSHA256.HashData(_secret, signed));

    private static string Issue(DateTimeOffset expires, ReadOnlySpan<byte> header, Func<byte[], byte[]> sign)
    {
        string claims = $$"""
            {"aud":["rabbitmq"],"sub":"app","client_id":"app","exp":{{expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}},
             "scope":["rabbitmq.configure:*/*","rabbitmq.write:*/*","rabbitmq.read:*/*"]}
            """;
        string signed = $"{Encode(header)}.{Encode(JsonSerializer.SerializeToUtf8Bytes(JsonDocument.Parse(claims)))}";
        return $"{signed}.{Encode(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
