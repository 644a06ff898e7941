using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RpcGen.Testing;
using RpcGen.Tests.Hosting;

namespace RpcGen.Tests.AspNetCore;

/// <summary>A web application without network, whose endpoints call a service in memory.</summary>
internal sealed class DoorApplication : IAsyncDisposable
{
    private readonly WebApplication _application;

    private DoorApplication(WebApplication application) => _application = application;

    public RpcTestBroker Broker { get; private init; } = null!;

    /// <summary>The log of the application.</summary>
    public RecordingLogger Log { get; private init; } = null!;

    public HttpClient Client { get; private init; } = null!;

    /// <summary>Starts the application.</summary>
    /// <param name="add">Adds what is tested.</param>
    public static async Task<DoorApplication> StartAsync(Action<IServiceCollection> add)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Logging.ClearProviders();
        add(builder.Services);
        var log = new RecordingLogger();
        builder.Services.AddSingleton<ILoggerFactory>(log);
        var broker = new RpcTestBroker();
        builder.Services.UseRpcTestBroker(broker);
        WebApplication application = builder.Build();
        application.UseExceptionHandler();
        application.MapPost("/orders", (DoorOrder order, int? copies, IDoor door, CancellationToken cancellationToken) => door.OrderAsync(order, copies ?? 1, cancellationToken));
        application.MapGet("/deliver", (IDoor door, CancellationToken cancellationToken) => door.DeliverAsync(cancellationToken));
        application.MapGet("/who", (IDoor door, CancellationToken cancellationToken) => door.WhoAsync(cancellationToken));
        application.MapGet("/own", string () => throw new InvalidOperationException("of the application"));
        await application.StartAsync(TestContext.Current.CancellationToken);
        return new DoorApplication(application) { Broker = broker, Log = log, Client = application.GetTestClient() };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync(TestContext.Current.CancellationToken);
        await _application.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
