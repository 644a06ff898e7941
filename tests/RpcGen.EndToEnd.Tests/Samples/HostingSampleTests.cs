using System.Net;
using System.Net.Sockets;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>The hosting sample as users run it: unchanged, and with their own broker.</summary>
[Collection(nameof(FibonacciSample))]
public sealed class HostingSampleTests(SharedRabbit broker) : IAsyncLifetime
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_calls_serves_and_is_healthy_until_it_is_stopped(bool inMemory)
    {
        string address = $"http://127.0.0.1:{FindPort()}";
        string[] settings = inMemory ? [] : ["--ConnectionStrings:rabbitmq", broker.Url];
        await using ChildProcess app = ChildProcess.Start("dotnet", [Repository.Sample("Hosting"), "--urls", address, "--contentRoot", Repository.File("samples", "Hosting"), .. settings]);
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        await Wait.UntilAsync(async () => await GetAsync(http, "/health") == (HttpStatusCode.OK, "Healthy"), "the application is healthy");

        Assert.Equal((HttpStatusCode.OK, "832040"), await GetAsync(http, "/fibonacci/30"));
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(http, "/fibonacci/91")).Code);
        Outcome outcome = await app.TerminateAsync();

        Assert.Equal(0, outcome.ExitCode);
        Assert.Empty(outcome.Errors);
        Assert.DoesNotContain("warn:", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("fail:", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_address_is_one_line() =>
        (await ChildProcess.RunAsync("dotnet", Repository.Sample("Hosting"), "--urls", "http://127.0.0.1:0", "--ConnectionStrings:rabbitmq", "localhost://"))
            .AssertFailure("ConnectionStrings:rabbitmq: The connection string is invalid", "amqp://");

    public async ValueTask InitializeAsync() => await broker.DeleteQueueAsync(FibonacciSample.Queue);

    public ValueTask DisposeAsync() => InitializeAsync();

    private static async Task<(HttpStatusCode Code, string Text)> GetAsync(HttpClient http, string path)
    {
        try
        {
            using HttpResponseMessage response = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
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
}
