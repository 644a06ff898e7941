using System.Text.Json.Serialization.Metadata;

namespace RpcGen;

/// <summary>
/// Settings of a broker in a host, and defaults for all its clients and services. They are read from configuration (section
/// <c>RpcGen</c> unless another one is given), then changed by code, and validated when the host starts.
/// </summary>
/// <remarks>Not thread-safe: set them while the application is being built.</remarks>
public sealed class RpcGenOptions
{
    /// <summary>Creates options with the defaults.</summary>
    public RpcGenOptions()
    {
        var connection = new RpcConnectionOptions();
        MaxMessageBytes = connection.MaxMessageBytes;
        Batching = connection.Batching;
        MaxPendingCalls = connection.MaxPendingCalls;
        PeerHeartbeat = connection.PeerHeartbeat;
        MaxStreamBufferBytes = connection.MaxStreamBufferBytes;
        HostSelection = connection.HostSelection;
        ConnectTimeoutSetting = connection.ConnectTimeoutSetting;
        HeartbeatSetting = connection.HeartbeatSetting;
        var server = new RpcServerOptions();
        MaxConcurrentCalls = server.MaxConcurrentCalls;
        GracePeriod = server.GracePeriod;
        QueueType = server.QueueType;
    }

    /// <summary>
    /// The broker: an address (<c>amqp://…</c>, <c>amqps://…</c>, <c>memory://name</c>), or the name of an entry of
    /// <c>ConnectionStrings</c>, which is looked up when the host starts. Default: for a keyed broker its key, otherwise none.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>The connections' name in the broker's management UI. Default: the host's application name, as <c>application@host:pid</c>.</summary>
    public string? ConnectionName { get; set; }

    /// <summary>The largest body in bytes that is sent or accepted: see <see cref="RpcConnectionOptions.MaxMessageBytes"/>. Default: 15 MiB.</summary>
    public int MaxMessageBytes { get; set; }

    /// <summary>Whether waiting calls can share a message: see <see cref="RpcConnectionOptions.Batching"/>. Default: true.</summary>
    public bool Batching { get; set; }

    /// <summary>The maximum number of calls that wait for their outcome: see <see cref="RpcConnectionOptions.MaxPendingCalls"/>. Default: null, no limit.</summary>
    public int? MaxPendingCalls { get; set; }

    /// <summary>How often the other sides of open streams are told that this process is alive: see <see cref="RpcConnectionOptions.PeerHeartbeat"/>. Default: 5 seconds.</summary>
    public TimeSpan PeerHeartbeat { get; set; }

    /// <summary>The bytes that all streams can buffer together: see <see cref="RpcConnectionOptions.MaxStreamBufferBytes"/>. Default: 64 MiB.</summary>
    public long MaxStreamBufferBytes { get; set; }

    /// <summary>Whether requests carry the connection's user: see <see cref="RpcConnectionOptions.SendBrokerUser"/>. Default: false.</summary>
    public bool SendBrokerUser { get; set; }

    /// <summary>TLS of <c>amqps://</c> connections: see <see cref="RpcConnectionOptions.Tls"/>.</summary>
    public RpcTlsOptions Tls { get; } = new();

    /// <summary>Which host of the connection string is tried first: see <see cref="RpcConnectionOptions.HostSelection"/>. Default: <see cref="RpcHostSelection.Random"/>.</summary>
    public RpcHostSelection HostSelection { get; set; }

    /// <summary>The time limit for connecting to one address of a host: see <see cref="RpcConnectionOptions.ConnectTimeout"/>. Default: 10 seconds.</summary>
    public TimeSpan ConnectTimeout
    {
        get => ConnectTimeoutSetting.Value;
        set => ConnectTimeoutSetting = Setting<TimeSpan>.Code(value);
    }

    /// <summary>The heartbeat interval to negotiate: see <see cref="RpcConnectionOptions.Heartbeat"/>. Default: 10 seconds.</summary>
    public TimeSpan Heartbeat
    {
        get => HeartbeatSetting.Value;
        set => HeartbeatSetting = Setting<TimeSpan>.Code(value);
    }

    /// <summary>A direct exchange for replies: see <see cref="RpcConnectionOptions.ReplyExchange"/>. Default: none.</summary>
    public string? ReplyExchange { get; set; }

    /// <summary>
    /// How long the host's start waits until the broker is connected and all services take requests: positive or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>. <see cref="RequireBroker"/> says what happens then. Default: 10 seconds.
    /// </summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the host's start fails if the broker is not ready within <see cref="StartTimeout"/>. If false, the host starts
    /// after the first failed attempt to connect, and attempts continue in the background. Default: false.
    /// </summary>
    public bool RequireBroker { get; set; }

    /// <summary>For all clients: <see cref="RpcClientOptions.Timeout"/>, in place of the contracts' own. Default: null, the contracts' own.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>For all clients: <see cref="RpcClientOptions.FailFast"/>. Default: null, the contracts' own.</summary>
    public bool? FailFast { get; set; }

    /// <summary>For all services: <see cref="RpcServerOptions.MaxConcurrentCalls"/>. Default: 64.</summary>
    public int MaxConcurrentCalls { get; set; }

    /// <summary>For all services: <see cref="RpcServerOptions.GracePeriod"/>. The host's <c>ShutdownTimeout</c> ends it early. Default: 30 seconds.</summary>
    public TimeSpan GracePeriod { get; set; }

    /// <summary>For all services: <see cref="RpcServerOptions.QueueType"/>. Default: <see cref="RpcQueueType.Classic"/>.</summary>
    public RpcQueueType QueueType { get; set; }

    /// <summary>For all services: <see cref="RpcServerOptions.UseExistingQueue"/>. Default: false.</summary>
    public bool UseExistingQueue { get; set; }

    /// <summary>For all services: <see cref="RpcServerOptions.EnableDetailedErrors"/>. Default: false.</summary>
    public bool EnableDetailedErrors { get; set; }

    /// <summary>JSON metadata for the types of contracts: see <see cref="RpcConnectionOptions.JsonContexts"/>. Set by code only. Default: none.</summary>
    public IList<IJsonTypeInfoResolver> JsonContexts { get; } = [];

    /// <summary>Sees the options of the connection last. For RpcGen.Testing.</summary>
    internal Action<RpcConnectionOptions>? Observer { get; set; }

    internal Setting<TimeSpan> ConnectTimeoutSetting { get; set; }

    internal Setting<TimeSpan> HeartbeatSetting { get; set; }

    /// <summary>The settings of the broker's connection.</summary>
    internal RpcConnectionOptions ForConnection() => new(Tls)
    {
        ConnectionName = ConnectionName,
        MaxMessageBytes = MaxMessageBytes,
        Batching = Batching,
        MaxPendingCalls = MaxPendingCalls,
        PeerHeartbeat = PeerHeartbeat,
        MaxStreamBufferBytes = MaxStreamBufferBytes,
        SendBrokerUser = SendBrokerUser,
        ReplyExchange = ReplyExchange,
        HostSelection = HostSelection,
        ConnectTimeoutSetting = ConnectTimeoutSetting,
        HeartbeatSetting = HeartbeatSetting,
    };

    /// <summary>Sets the defaults of all clients.</summary>
    internal void ApplyTo(RpcClientOptions client)
    {
        client.Timeout = Timeout;
        client.FailFast = FailFast;
    }

    /// <summary>Sets the defaults of all services.</summary>
    internal void ApplyTo(RpcServerOptions server)
    {
        server.MaxConcurrentCalls = MaxConcurrentCalls;
        server.GracePeriod = GracePeriod;
        server.QueueType = QueueType;
        server.UseExistingQueue = UseExistingQueue;
        server.EnableDetailedErrors = EnableDetailedErrors;
    }
}
