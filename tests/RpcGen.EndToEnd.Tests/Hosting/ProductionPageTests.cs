using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Hosting;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>The configuration examples of docs/production.md are valid, and every key in them is known.</summary>
public sealed partial class ProductionPageTests
{
    private static readonly string Page = File.ReadAllText(Repository.File("docs", "production.md"));

    public static TheoryData<string> Examples => [.. Json().Matches(Page).Select(match => match.Groups["json"].Value)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_read_without_errors_and_warnings(string json)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        var collection = new ServiceCollection();
        collection.AddSingleton(configuration);
        collection.AddRpcGen("rabbitmq");
        using ServiceProvider services = collection.BuildServiceProvider();

        RpcGenOptions options = services.GetRequiredService<IOptions<RpcGenOptions>>().Value; // validates

        Assert.Equal("/etc/rabbitmq/ca.pem", options.Tls.CaCertificateFile);
        Assert.Empty(services.GetRequiredService<Broker>().Configuration.FindWarnings());
    }

    [Theory]
    [InlineData("cacertfile", "certfile", "keyfile", "password", "verify", "server_name_indication", "auth_mechanism", "heartbeat", "connection_timeout", "channel_max")]
    public void Every_parameter_is_documented(params string[] names) =>
        Assert.All(names, name => Assert.Matches($"`{name}(=external)?`", Page));

    [GeneratedRegex("```json\n(?<json>(.*\n)*?)```\n")]
    private static partial Regex Json();
}
