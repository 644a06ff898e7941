using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using RpcGen.Cli;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>The shop sample as users run it: in one process, and as three programs on a broker.</summary>
public sealed partial class ShopSampleTests(SharedRabbit broker) : IAsyncLifetime
{
    private readonly string _address = $"http://127.0.0.1:{FindPort()}";
    private readonly string _key = Convert.ToBase64String(Guid.NewGuid().ToByteArray().Concat(Guid.NewGuid().ToByteArray()).ToArray());

    [Fact]
    public async Task In_one_process_it_sells_refuses_and_prints_one_trace_per_order()
    {
        await using ChildProcess shop = Start("AllInOne", "--urls", _address);

        await CheckAsync();

        CheckTraces((await shop.TerminateAsync()).Output, ["Shop.Pricing/Quote", "Shop.Pricing/Quote", "Shop.Inventory/Reserve", "Shop.Inventory/Reserve", "HttpRequestIn"]);
    }

    /// <summary>A stream, a call with progress, and the end user on whose behalf it is made.</summary>
    [Fact]
    public async Task It_shows_its_stock_live_and_counts_it_for_clerks()
    {
        await using ChildProcess shop = Start("AllInOne", "--environment", "Development", "--urls", _address, "--Inventory:TimePerArticle", "00:00:00.01");
        await UntilHealthyAsync();
        using var http = new HttpClient { BaseAddress = new Uri(_address), DefaultRequestHeaders = { { "X-Tenant", "acme" } } };
        await using IAsyncEnumerator<string> feed = ReadEvents(await http.GetStreamAsync("/stock", Cancel));
        Assert.Equal("""stock {"article":"nut","left":100}""", await NextAsync(feed));
        Assert.Equal("""stock {"article":"bolt","left":50}""", await NextAsync(feed));

        Assert.Equal(HttpStatusCode.OK, (await OrderAsync("bolt", 1)).Code);

        Assert.Equal("""stock {"article":"bolt","left":49}""", await NextAsync(feed));
        HttpResponseMessage anonymous = await http.PostAsync("/stocktakings", null, Cancel);
        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer"), (anonymous.StatusCode, anonymous.Headers.WwwAuthenticate.ToString()));
        await LogInAsync(http, "Eve", "cashier");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.PostAsync("/stocktakings", null, Cancel)).StatusCode);
        await LogInAsync(http, "Ada", "clerk");
        await using IAsyncEnumerator<string> count = ReadEvents(await (await http.PostAsync("/stocktakings", null, Cancel)).EnsureSuccessStatusCode().Content.ReadAsStreamAsync(Cancel));
        Assert.Equal("percent 100", await LastPercentAsync(count));
        Assert.Equal("""result {"clerk":"Ada","levels":[{"article":"nut","left":100},{"article":"bolt","left":49}]}""", count.Current);

        Assert.Contains("<html", await http.GetStringAsync("/rpcgen", Cancel), StringComparison.Ordinal);

        // The feed ends with its host, in order.
        Task<bool> reading = feed.MoveNextAsync().AsTask();
        Assert.Equal(0, (await shop.TerminateAsync()).ExitCode);
        Assert.False(await reading.OrFail());
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
        string watched = await WatchAsync("Shop.Inventory");
        Assert.Contains("Shop.Inventory: 1 instance", watched, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^Reserve +0 +1 ", watched);

        // Without pricing, the inventory repeats the call, and then gives up.
        Outcome priced = await pricing.TerminateAsync();
        await Wait.UntilAsync(async () => await broker.FindQueueAsync("Shop.Pricing") is { Consumers: 0 }, "the pricing is gone");
        for (int i = 0; i < 3; i++) // for up to a second, the inventory does not know yet
        {
            Assert.Equal(HttpStatusCode.BadGateway, (await OrderAsync("bolt", 1)).Code);
        }

        Assert.Equal(0, stopped.ExitCode);
        Outcome[] ended = [await web.TerminateAsync(), await again.TerminateAsync(), priced];
        Assert.Matches(SpanWithTwoAttempts(), ended[1].Output);
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

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string[] OnBroker => ["--ConnectionStrings:rabbitmq", broker.Url, "--Tokens:Key", _key];

    private static ChildProcess Start(string program, params string[] arguments) => ChildProcess.Start(
        "dotnet",
        [Repository.File("samples", "Shop", program, "bin", Repository.Configuration, "net10.0", $"Shop.{program}.dll"), "--contentRoot", Repository.File("samples", "Shop", program), .. arguments]);

    private async Task CheckAsync()
    {
        await UntilHealthyAsync();
        Assert.Equal((HttpStatusCode.OK, """{"article":"nut","quantity":3,"price":75}"""), await OrderAsync("nut", 3));
        (HttpStatusCode code, string problem) = await OrderAsync("nut", 300);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Contains("\"left\":97", problem, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await OrderAsync("nut", 0)).Code);
        Assert.Equal(HttpStatusCode.Forbidden, (await OrderAsync("nut", 1, tenant: null)).Code);
    }

    private Task UntilHealthyAsync() =>
        Wait.UntilAsync(async () => (await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, "/health"))).Code == HttpStatusCode.OK, "the shop is healthy");

    private static async Task LogInAsync(HttpClient http, string name, string role)
    {
        using HttpResponseMessage token = await http.PostAsync($"/tokens?name={name}&role={role}", null, Cancel);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await token.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancel));
    }

    private static async IAsyncEnumerator<string> ReadEvents(Stream content)
    {
        await foreach (SseItem<string> item in SseParser.Create(content).EnumerateAsync(Cancel))
        {
            yield return $"{item.EventType} {item.Data}";
        }
    }

    private static async Task<string> NextAsync(IAsyncEnumerator<string> events)
    {
        Assert.True(await events.MoveNextAsync().AsTask().OrFail());
        return events.Current;
    }

    /// <summary>The last value of the progress. Earlier ones can be left out if the caller is slow.</summary>
    private static async Task<string> LastPercentAsync(IAsyncEnumerator<string> events)
    {
        string last = "";
        while ((await NextAsync(events)).StartsWith("percent ", StringComparison.Ordinal))
        {
            last = events.Current;
        }

        return last;
    }

    /// <summary>What <c>rpcgen watch</c> shows.</summary>
    private async Task<string> WatchAsync(string service)
    {
        using var output = new StringWriter();
        using var nothing = new StringReader("");
        Assert.Equal(0, await RpcGen.Cli.Tool.RunAsync(["watch", service, "--once", "--broker", broker.Url], new ToolConsole(output, TextWriter.Null, nothing), Cancel).OrFail());
        return output.ToString();
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
            using HttpResponseMessage response = await http.SendAsync(request, Cancel);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancel));
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

    [GeneratedRegex(@"Events:\s+rpcgen\.attempt \[(?:(?!Activity)[\s\S])*?rpcgen\.attempt \[")]
    private static partial Regex SpanWithTwoAttempts();

    [GeneratedRegex(@"Activity\.TraceId:\s+(?<trace>\w+)(?:(?!Activity\.TraceId)[\s\S])*?Activity\.DisplayName:\s+(?<name>\S+)")]
    private static partial Regex Spans();
}
