using System.Text.Json.Serialization.Metadata;
using RpcGen.Hosting;

namespace RpcGen;

/// <summary>
/// Settings of a broker in a host, and of all clients and services there. Read from configuration first (section
/// <c>RpcGen</c> unless another one is given), then changed by code. Checked when the host starts.
/// </summary>
/// <remarks>Not thread-safe: to be set while the application is put together.</remarks>
public sealed class RpcGenOptions
{
    private readonly RpcServerOptions _server = new();

    /// <summary>Makes options that hold what applies where nothing is set.</summary>
    public RpcGenOptions()
    {
        MaxConcurrentCalls = _server.MaxConcurrentCalls;
        GracePeriod = _server.GracePeriod;
        QueueType = _server.QueueType;
    }

    /// <summary>
    /// The broker: an address (<c>amqp://…</c>, <c>amqps://…</c>, <c>memory://name</c>) or, without <c>://</c>, the name of a
    /// connection string, which is looked up in <c>ConnectionStrings</c> when the host starts.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>What the broker's operators see the connections called; the host's application name unless set.</summary>
    public string? ConnectionName { get; set; }

    /// <summary>The largest body in bytes that is sent or accepted, 15 MiB unless set: see <see cref="RpcConnectionOptions.MaxMessageBytes"/>.</summary>
    public int MaxMessageBytes { get; set; } = new RpcConnectionOptions().MaxMessageBytes;

    /// <summary>Whether calls may share messages, true unless set: see <see cref="RpcConnectionOptions.Batching"/>.</summary>
    public bool Batching { get; set; } = true;

    /// <summary>Whether requests say which of the broker's users sends them, false unless set: see <see cref="RpcConnectionOptions.SendBrokerUser"/>.</summary>
    public bool SendBrokerUser { get; set; }

    /// <summary>
    /// How long the host's start waits for the broker to be there and the services to be served; 10 seconds unless set, or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>. What happens then, <see cref="RequireBroker"/> says.
    /// </summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the host's start fails where the broker is not there within <see cref="StartTimeout"/>. Unless set it does not:
    /// at the first failure to connect the host starts, and attempts go on in the background for as long as it runs.
    /// </summary>
    public bool RequireBroker { get; set; }

    /// <summary>For all clients: how long a call may take, whatever the contract says; see <see cref="RpcClientOptions.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>For all clients: see <see cref="RpcClientOptions.FailFast"/>.</summary>
    public bool? FailFast { get; set; }

    /// <summary>For all services: see <see cref="RpcServerOptions.MaxConcurrentCalls"/>.</summary>
    public int MaxConcurrentCalls { get; set; }

    /// <summary>For all services: see <see cref="RpcServerOptions.GracePeriod"/>. The host's own <c>ShutdownTimeout</c> ends it early.</summary>
    public TimeSpan GracePeriod { get; set; }

    /// <summary>For all services: see <see cref="RpcServerOptions.QueueType"/>.</summary>
    public RpcQueueType QueueType { get; set; }

    /// <summary>For all services: see <see cref="RpcServerOptions.UseExistingQueue"/>.</summary>
    public bool UseExistingQueue { get; set; }

    /// <summary>For all services: see <see cref="RpcServerOptions.EnableDetailedErrors"/>.</summary>
    public bool EnableDetailedErrors { get; set; }

    /// <summary>JSON metadata for the types of contracts: see <see cref="RpcConnectionOptions.JsonContexts"/>. Set by code only.</summary>
    public IList<IJsonTypeInfoResolver> JsonContexts { get; } = [];

    /// <summary>What was wrong with the configuration they were read from.</summary>
    internal SettingsProblems Problems { get; } = new();

    internal RpcClientOptions ForClients() => new() { Timeout = Timeout, FailFast = FailFast };

    internal RpcServerOptions ForServices() => _server with
    {
        MaxConcurrentCalls = MaxConcurrentCalls,
        GracePeriod = GracePeriod,
        QueueType = QueueType,
        UseExistingQueue = UseExistingQueue,
        EnableDetailedErrors = EnableDetailedErrors,
    };
}
