using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>The shop sample as users run it: in one process, and as three programs on a broker.</summary>
public sealed partial class ShopSampleTests(SharedRabbit broker) : IAsyncLifetime
{
    private readonly string _address = $"http://127.0.0.1:{FindPort()}";

    [Fact]
    public async Task In_one_process_it_sells_refuses_and_prints_one_trace_per_order()
    {
        await using ChildProcess shop = Start("AllInOne", "--urls", _address);

        await CheckAsync();

        CheckTraces((await shop.TerminateAsync()).Output, ["Shop.Pricing/Quote", "Shop.Pricing/Quote", "Shop.Inventory/Reserve", "Shop.Inventory/Reserve", "HttpRequestIn"]);
    }

    [Fact]
    public async Task As_three_programs_it_does_the_same_and_survives_the_restart_of_one()
    {
        await using ChildProcess pricing = Start("Pricing", OnBroker);
        await using ChildProcess inventory = Start("Inventory", OnBroker);
        await using ChildProcess web = Start("Web", [.. OnBroker, "--urls", _address]);
        await Wait.UntilAsync(async () => await broker.FindQueueAsync("Shop.Inventory") is { Consumers: 1 } && await broker.FindQueueAsync("Shop.Pricing") is { Consumers: 1 }, "the services are there");

        await CheckAsync();
        Outcome stopped = await inventory.TerminateAsync();
        await using ChildProcess again = Start("Inventory", OnBroker);
        await Wait.UntilAsync(async () => await broker.FindQueueAsync("Shop.Inventory") is { Consumers: 1 }, "the inventory is there again");
        Assert.Equal(HttpStatusCode.OK, (await OrderAsync("bolt", 1)).Code);

        Assert.Equal(0, stopped.ExitCode);
        Outcome[] ended = [await web.TerminateAsync(), await again.TerminateAsync(), await pricing.TerminateAsync()];
        Assert.All(ended, outcome => Assert.Equal(0, outcome.ExitCode));
        CheckTraces(
            string.Concat(ended.Append(stopped).Select(outcome => outcome.Output)),
            ["HttpRequestIn", "Shop.Inventory/Reserve", "Shop.Inventory/Reserve", "Shop.Pricing/Quote", "Shop.Pricing/Quote"]);
    }

    public async ValueTask InitializeAsync()
    {
        await broker.DeleteQueueAsync("Shop.Inventory");
        await broker.DeleteQueueAsync("Shop.Pricing");
    }

    public ValueTask DisposeAsync() => InitializeAsync();

    private string[] OnBroker => ["--ConnectionStrings:rabbitmq", broker.Url];

    private static ChildProcess Start(string program, params string[] arguments) => ChildProcess.Start(
        "dotnet",
        [Repository.File("samples", "Shop", program, "bin", Repository.Configuration, "net10.0", $"Shop.{program}.dll"), "--contentRoot", Repository.File("samples", "Shop", program), .. arguments]);

    private async Task CheckAsync()
    {
        await Wait.UntilAsync(async () => (await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, "/health"))).Code == HttpStatusCode.OK, "the shop is healthy");
        Assert.Equal((HttpStatusCode.OK, """{"article":"nut","quantity":3,"price":75}"""), await OrderAsync("nut", 3));
        (HttpStatusCode code, string problem) = await OrderAsync("nut", 300);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Contains("\"left\":97", problem, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await OrderAsync("nut", 0)).Code);
        Assert.Equal(HttpStatusCode.Forbidden, (await OrderAsync("nut", 1, tenant: null)).Code);
    }

    /// <summary>The spans of the first order, from the HTTP request to the innermost handler, belong to one trace.</summary>
    private static void CheckTraces(string output, string[] spans)
    {
        var byTrace = Spans().Matches(output).GroupBy(span => span.Groups["trace"].Value, span => span.Groups["name"].Value[(span.Groups["name"].Value.LastIndexOf("Hosting.", StringComparison.Ordinal) is > 0 and int at ? at + 8 : 0)..]);
        Assert.Contains(byTrace, trace => trace.Order().SequenceEqual(spans.Order()));
    }

    private Task<(HttpStatusCode Code, string Text)> OrderAsync(string article, int quantity, string? tenant = "acme") => SendAsync(() =>
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = JsonContent.Create(new { article, quantity }) };
        if (tenant is not null)
        {
            request.Headers.Add("X-Tenant", tenant);
        }

        return request;
    });

    private async Task<(HttpStatusCode Code, string Text)> SendAsync(Func<HttpRequestMessage> create)
    {
        using var http = new HttpClient { BaseAddress = new Uri(_address) };
        using HttpRequestMessage request = create();
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        catch (HttpRequestException)
        {
            return default;
        }
    }

    private static int FindPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"Activity\.TraceId:\s+(?<trace>\w+)(?:(?!Activity\.TraceId)[\s\S])*?Activity\.DisplayName:\s+(?<name>\S+)")]
    private static partial Regex Spans();
}
