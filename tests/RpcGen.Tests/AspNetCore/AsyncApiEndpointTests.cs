using System.Net;
using System.Security.Claims;
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
using RpcGen.Hosting;
using RpcGen.Testing;
using RpcGen.Tests.Hosting;

namespace RpcGen.Tests.AspNetCore;

/// <summary>The AsyncAPI document of a web application. It is closed by default outside of development.</summary>
public sealed class AsyncApiEndpointTests : IAsyncDisposable
{
    private readonly RpcTestBroker _broker = new();
    private readonly RecordingLogger _log = new();
    private WebApplication? _application;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.StopAsync(Cancel);
            await _application.DisposeAsync();
        }

        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task In_development_everyone_gets_the_document()
    {
        HttpClient client = await StartAsync(Environments.Development, app => app.MapRpcGenAsyncApi());

        HttpResponseMessage response = await client.GetAsync(new Uri("/asyncapi.json", UriKind.Relative), Cancel);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        string text = await response.Content.ReadAsStringAsync(Cancel);
        JsonElement document = JsonElement.Parse(text);
        Assert.Equal("3.0.0", document.GetProperty("asyncapi").GetString());
        Assert.Equal(["Order", "Deliver", "Who"], document.GetProperty("operations").EnumerateObject().Select(operation => operation.Name));
        Assert.Equal("RpcGen.Tests.AspNetCore.Door", document.GetProperty("channels").GetProperty("requests").GetProperty("address").GetString());
        Assert.DoesNotContain(Environment.MachineName, text, StringComparison.Ordinal);
        Assert.DoesNotContain("rpc-test-broker", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_production_nobody_gets_it_until_the_application_decides_who()
    {
        HttpClient client = await StartAsync(Environments.Production, app =>
        {
            app.MapRpcGenAsyncApi();
            app.MapRpcGenAsyncApi("/open.json").AllowAnonymous();
            app.MapRpcGenAsyncApi("/guarded.json").RequireAuthorization();
        });

        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri("/asyncapi.json", UriKind.Relative), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri("/asyncapi.json", UriKind.Relative), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/open.json", UriKind.Relative), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(new Uri("/guarded.json", UriKind.Relative), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/guarded.json?user=ada", UriKind.Relative), Cancel)).StatusCode);
        Assert.Equal(1, _log.Count(121)); // once, however often it is asked for
    }

    [Fact]
    public async Task A_service_whose_policy_refuses_is_left_out()
    {
        HttpClient client = await StartAsync(Environments.Development, app => app.MapRpcGenAsyncApi(), options => options.DescriptionPolicy = "");

        JsonElement document = JsonElement.Parse(await client.GetStringAsync(new Uri("/asyncapi.json", UriKind.Relative), Cancel));

        Assert.Empty(document.GetProperty("operations").EnumerateObject());
    }

    private async Task<HttpClient> StartAsync(string environment, Action<WebApplication> map, Action<RpcServerOptions>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddAuthentication("query").AddScheme<AuthenticationSchemeOptions, QueryUser>("query", null);
        builder.Services.AddAuthorization(options => options.AddPolicy("clerk", policy => policy.RequireClaim("role", "clerk")));
        builder.Services.AddRpcGen().AddService<IDoor>(new Door(), options => configure?.Invoke(options)).AddAspNetCoreAuthorization();
        builder.Services.UseRpcTestBroker(_broker);
        _application = builder.Build();
        _application.UseAuthentication();
        _application.UseAuthorization();
        map(_application);
        await _application.StartAsync(Cancel);
        return _application.GetTestClient();
    }

    /// <summary>The user that the query names.</summary>
    private sealed class QueryUser(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Query["user"] is [{ } name]
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], "query")), "query"))
                : AuthenticateResult.NoResult());
    }
}
