using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace RpcGen.Tests.AspNetCore;

/// <summary>The explorer is closed by default outside of development, and never open to other sites.</summary>
public sealed class ExplorerAccessTests
{
    private const string Services = "/rpcgen/api/services";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_development_everyone_gets_the_page()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();

        HttpResponseMessage page = await app.Client.GetAsync(new Uri("/rpcgen/", UriKind.Relative), Cancel);
        HttpResponseMessage script = await app.Client.GetAsync(new Uri("/rpcgen/main.js", UriKind.Relative), Cancel);
        HttpResponseMessage start = await app.Client.GetAsync(new Uri("/rpcgen", UriKind.Relative), Cancel);

        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        Assert.Equal((HttpStatusCode.OK, "text/javascript"), (script.StatusCode, script.Content.Headers.ContentType!.MediaType));
        Assert.Equal((HttpStatusCode.Redirect, "/rpcgen/"), (start.StatusCode, start.Headers.Location!.ToString()));
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync(new Uri("/rpcgen/nope.js", UriKind.Relative), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.PostAsync(new Uri("/rpcgen/main.js", UriKind.Relative), null, Cancel)).StatusCode);
        foreach (HttpResponseMessage response in (HttpResponseMessage[])[page, script, start])
        {
            string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
            Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        }
    }

    [Fact]
    public async Task In_production_nobody_gets_anything_without_authorization()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync(Environments.Production, app =>
        {
            app.MapRpcGenExplorer();
            app.MapRpcGenExplorer("/open").AllowAnonymous();
            app.MapRpcGenExplorer("/both").RequireAuthorization().AllowAnonymous();
            app.MapRpcGenExplorer("/guarded").RequireAuthorization();
        });

        foreach (string path in (string[])["/rpcgen/", "/rpcgen/main.js", Services, "/open/", "/open/api/services", "/both/", "/both/api/services"])
        {
            Assert.Equal((path, HttpStatusCode.NotFound), (path, await StatusOfAsync(app, ExplorerApplication.Request(HttpMethod.Get, path))));
        }

        Assert.Equal(HttpStatusCode.NotFound, await StatusOfAsync(app, ExplorerApplication.Request(HttpMethod.Post, "/rpcgen/api/call", "{}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(app, ExplorerApplication.Request(HttpMethod.Get, "/guarded/")));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(app, ExplorerApplication.Request(HttpMethod.Post, "/guarded/api/call", "{}")));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(app, ExplorerApplication.Request(HttpMethod.Get, "/guarded/?user=ada")));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(app, ExplorerApplication.Request(HttpMethod.Get, "/guarded/api/services?user=ada")));
        Assert.Equal(3, app.Log.Count(122)); // once for each explorer, however often it is asked for
    }

    [Theory]
    [InlineData("GET", Services, "Sec-Fetch-Site: cross-site")]
    [InlineData("GET", Services, "Sec-Fetch-Site: same-site")]
    [InlineData("GET", Services, "Origin: http://evil.example")]
    [InlineData("GET", Services, "Origin: null")]
    [InlineData("POST", "/rpcgen/api/call", "Origin: http://localhost:81")]
    [InlineData("GET", Services, "Host: evil.example")]
    [InlineData("GET", "/rpcgen/", "Host: evil.example")]
    [InlineData("GET", "/rpcgen/", "Host: localhost.evil.example")]
    public async Task Other_sites_are_refused(string method, string path, string header)
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();
        HttpRequestMessage request = ExplorerApplication.Request(new HttpMethod(method), path, method == "POST" ? "{}" : null);
        string[] parts = header.Split(": ");
        request.Headers.TryAddWithoutValidation(parts[0], parts[1]);

        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(app, request));
    }

    [Theory]
    [InlineData("Host: 127.0.0.1:5000")]
    [InlineData("Host: [::1]:5000")]
    [InlineData("Host: shop.localhost")]
    [InlineData("Origin: http://localhost")]
    [InlineData("Sec-Fetch-Site: same-origin")]
    public async Task The_page_itself_is_not_refused(string header)
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();
        HttpRequestMessage request = ExplorerApplication.Request(HttpMethod.Get, Services);
        string[] parts = header.Split(": ");
        request.Headers.TryAddWithoutValidation(parts[0], parts[1]);

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(app, request));
    }

    [Fact]
    public async Task Any_host_will_do_where_the_application_authorizes()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync(Environments.Production, app => app.MapRpcGenExplorer().RequireAuthorization());
        HttpRequestMessage request = ExplorerApplication.Request(HttpMethod.Get, Services + "?user=ada");
        request.Headers.Host = "shop.example";

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(app, request));
    }

    [Fact]
    public async Task Forms_of_other_sites_cannot_call()
    {
        await using ExplorerApplication app = await ExplorerApplication.StartAsync();
        const string body = """{"queue":"Gallery","method":"Note","arguments":{"text":"x"},"streams":{}}""";
        using var form = new HttpRequestMessage(HttpMethod.Post, new Uri("/rpcgen/api/call", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "text/plain") };
        using var json = new HttpRequestMessage(HttpMethod.Post, new Uri("/rpcgen/api/call", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        HttpRequestMessage text = ExplorerApplication.Request(HttpMethod.Post, "/rpcgen/api/call");
        text.Content = new StringContent(body, Encoding.UTF8, "text/plain");

        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(app, form));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(app, json)); // without the header
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(app, text));
        Assert.False(app.Gallery.Noted.IsCompleted);
    }

    private static async Task<HttpStatusCode> StatusOfAsync(ExplorerApplication app, HttpRequestMessage request)
    {
        using (request)
        {
            using HttpResponseMessage response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            return response.StatusCode;
        }
    }
}
