using System.Buffers.Text;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RpcGen.Explorer;

namespace RpcGen.Cli.Exploring;

/// <summary>
/// Serves the explorer on this machine, to anyone who has its address. The address has a random token behind the hash: browsers send that part to
/// nobody, and the page sends the token in a header. So other sites, other users and names that lead here get the files of the page, but no data.
/// </summary>
internal sealed class ExplorerHost : IAsyncDisposable
{
    private const int TokenBytes = 24;

    private readonly WebApplication _application;

    private ExplorerHost(WebApplication application, Uri address)
    {
        _application = application;
        Address = address;
    }

    /// <summary>Where the explorer is, with the token.</summary>
    public Uri Address { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="connection">The connection to the broker.</param>
    /// <param name="port">The port; 0 for any.</param>
    /// <param name="isReadOnly">Whether methods cannot be called.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UsageException">The port is in use.</exception>
    public static async Task<ExplorerHost> StartAsync(RpcConnection connection, int port, bool isReadOnly, CancellationToken cancellationToken)
    {
        string token = CreateToken();
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Logging.ClearProviders();
        WebApplication application = builder.Build();
        var server = new ExplorerServer(new ExplorerSettings { IsReadOnly = isReadOnly, Token = token });
        application.Run(context => server.HandleAsync(context, context.Request.Path.Value?.TrimStart('/') ?? "", isAuthorized: false, () => connection));
        try
        {
            await application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new UsageException($"The port {port} cannot be used: {e.Message} --port sets another one, and 0 takes any.");
        }

        string address = application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return new ExplorerHost(application, new Uri($"{address}/#token={token}"));
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync().ConfigureAwait(false); // pages that watch would hold the server for a while
        await _application.StopAsync(now.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

#pragma warning disable RS0030 // A secret must not come from a seed.
    private static string CreateToken() => Base64Url.EncodeToString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(TokenBytes));
#pragma warning restore RS0030
}
