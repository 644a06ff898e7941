using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RpcGen.Testing;
using RpcGen.Tests.Hosting;

namespace RpcGen.Tests.AspNetCore;

/// <summary>A web application without network, with an explorer and a service in memory.</summary>
internal sealed class ExplorerApplication : IAsyncDisposable
{
    private readonly RpcTestBroker _broker = new();
    private WebApplication? _application;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public RecordingLogger Log { get; } = new();

    public Gallery Gallery { get; } = new();

    public HttpClient Client { get; private set; } = null!;

    public static async Task<ExplorerApplication> StartAsync(string environment, Action<WebApplication> map, Action<RpcServerOptions>? configure = null)
    {
        var application = new ExplorerApplication();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerFactory>(application.Log);
        builder.Services.AddAuthentication("query").AddScheme<AuthenticationSchemeOptions, QueryUser>("query", null);
        builder.Services.AddAuthorization();
        builder.Services.AddRpcGen().AddService<IGallery>(application.Gallery, options => configure?.Invoke(options));
        builder.Services.UseRpcTestBroker(application._broker);
        application._application = builder.Build();
        application._application.UseAuthentication();
        application._application.UseAuthorization();
        map(application._application);
        await application._application.StartAsync(Cancel);
        application.Client = application._application.GetTestClient();
        return application;
    }

    /// <summary>Starts an application in development, whose explorer is at its default place.</summary>
    public static Task<ExplorerApplication> StartAsync(Action<RpcExplorerOptions>? configure = null, Action<RpcServerOptions>? server = null) =>
        StartAsync(Environments.Development, app => app.MapRpcGenExplorer(configure: configure), server);

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_application is not null)
        {
            await _application.StopAsync(Cancel);
            await _application.DisposeAsync();
        }

        await _broker.DisposeAsync();
    }

    /// <summary>A request to the API, as the page makes it.</summary>
    public static HttpRequestMessage Request(HttpMethod method, string path, string? body = null)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Headers = { { "X-RpcGen", "1" } } };
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        return request;
    }

    /// <summary>The events of a request, which ends.</summary>
    public async Task<JsonElement[]> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using HttpRequestMessage request = Request(method, path, body);
        using HttpResponseMessage response = await Client.SendAsync(request, Cancel);
        response.EnsureSuccessStatusCode();
        return [.. (await response.Content.ReadAsStringAsync(Cancel)).Split('\n')[..^1].Select(line => JsonElement.Parse(line))];
    }

    /// <summary>The events of a call.</summary>
    public Task<JsonElement[]> CallAsync(string method, string arguments = "{}", string streams = "{}") =>
        SendAsync(HttpMethod.Post, "/rpcgen/api/call", $$"""{"queue":"Gallery","method":"{{method}}","arguments":{{arguments}},"streams":{{streams}}}""");

    /// <summary>The user that the query names.</summary>
    private sealed class QueryUser(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Query["user"] is [{ } name]
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "query")), "query"))
                : AuthenticateResult.NoResult());
    }
}
