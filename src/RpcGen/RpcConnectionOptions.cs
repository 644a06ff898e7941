using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RpcGen.Client;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen;

/// <summary>Settings of a connection and of everything created from it. Copied when used: later changes have no effect.</summary>
public sealed class RpcConnectionOptions
{
    /// <summary>Creates options with the defaults.</summary>
    public RpcConnectionOptions()
    {
    }

    /// <summary>Copies other options, lists included.</summary>
    public RpcConnectionOptions(RpcConnectionOptions other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ConnectionName = other.ConnectionName;
        LoggerFactory = other.LoggerFactory;
        JsonContexts = [.. other.JsonContexts];
        MaxMessageBytes = other.MaxMessageBytes;
        Batching = other.Batching;
        MaxPendingCalls = other.MaxPendingCalls;
        PeerHeartbeat = other.PeerHeartbeat;
        MaxStreamBufferBytes = other.MaxStreamBufferBytes;
        SendBrokerUser = other.SendBrokerUser;
        ReplyExchange = other.ReplyExchange;
        ClientInterceptors = [.. other.ClientInterceptors];
        ServerInterceptors = [.. other.ServerInterceptors];
        Tls = new RpcTlsOptions(other.Tls);
        Credentials = other.Credentials;
        HostSelection = other.HostSelection;
        ConnectTimeoutSetting = other.ConnectTimeoutSetting;
        HeartbeatSetting = other.HeartbeatSetting;
        Authenticator = other.Authenticator;
        Authorizer = other.Authorizer;
        TimeProvider = other.TimeProvider;
        InnermostClientInterceptor = other.InnermostClientInterceptor;
    }

    /// <summary>Creates options with the defaults and these of TLS.</summary>
    internal RpcConnectionOptions(RpcTlsOptions tls) => Tls = new RpcTlsOptions(tls);

    /// <summary>The connections' name in the broker's management UI. Default: <c>process@host:pid</c>.</summary>
    public string? ConnectionName { get; set; }

    /// <summary>Creates RpcGen's loggers. Default: null, nothing is logged.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>
    /// JSON metadata for the types of contracts: the <c>Default</c> instances of <c>JsonSerializerContext</c> classes outside
    /// the contract's assembly. Those inside it are found without this. Default: none.
    /// </summary>
    public IList<IJsonTypeInfoResolver> JsonContexts { get; } = [];

    /// <summary>
    /// The largest body in bytes that is sent or accepted, at least 1,024. Default: 15 MiB. From RabbitMQ 4.0 on, brokers
    /// close the channel of a sender whose message exceeds 16 MiB.
    /// </summary>
    public int MaxMessageBytes { get; set; } = JsonLimits.MaxMessageBytes;

    /// <summary>
    /// Whether waiting calls can share a message while others are in flight, which makes busy clients several times faster.
    /// It applies to methods with quick handlers, unless <see cref="RpcBatchingAttribute"/> turns it off, and to servers that
    /// support it. Default: true.
    /// </summary>
    public bool Batching { get; set; } = true;

    /// <summary>
    /// The maximum number of calls of all clients that wait for their outcome at the same time, 1 or more. Further calls throw
    /// <see cref="RpcUnavailableException"/> at once, with <see cref="RpcUnavailableReason.TooManyCalls"/>. Default: null, no limit.
    /// </summary>
    public int? MaxPendingCalls { get; set; }

    /// <summary>
    /// How often this process tells the other sides of its open streams that it is alive: 100 ms to one minute. A process that is silent
    /// for three times as long as it has announced counts as lost. Default: 5 s.
    /// </summary>
    public TimeSpan PeerHeartbeat { get; set; } = StreamBeat.Default;

    /// <summary>
    /// The bytes that all streams which this process receives can buffer together, 64 KiB or more. When half of them are used, a new
    /// stream gets 32 KiB, also when all are used, unless its method sets another window. Default: 64 MiB.
    /// </summary>
    public long MaxStreamBufferBytes { get; set; } = 64L << 20;

    /// <summary>
    /// Whether requests carry the user of the connection string in AMQP's <c>user_id</c>, which the broker verifies. Handlers
    /// read it from <see cref="RpcCallContext.BrokerUser"/>. Default: false.
    /// </summary>
    public bool SendBrokerUser { get; set; }

    /// <summary>TLS of <c>amqps://</c> connections. It has no effect on other connections.</summary>
    public RpcTlsOptions Tls { get; } = new();

    /// <summary>
    /// Returns the login. It is called for each connection, and before <see cref="RpcCredentials.ValidUntil"/> for open
    /// connections, which then continue with the new password or token. It overrides user and password of the connection string.
    /// Several threads can call it at the same time. If it throws, or takes longer than
    /// <see cref="ConnectTimeout"/> for a new connection, the attempt to connect fails, and the next one calls it again.
    /// Default: null, the connection string's user and password.
    /// </summary>
    public Func<CancellationToken, ValueTask<RpcCredentials>>? Credentials { get; set; }

    /// <summary>Which host of the connection string is tried first. Default: <see cref="RpcHostSelection.Random"/>.</summary>
    public RpcHostSelection HostSelection { get; set; }

    /// <summary>
    /// The time limit for connecting to one address of a host, login included: at least a millisecond, 24 days at most. A host
    /// name can have several addresses. Default: 10 s. In connection strings: <c>connection_timeout</c>, in milliseconds.
    /// </summary>
    public TimeSpan ConnectTimeout
    {
        get => ConnectTimeoutSetting.Value;
        set => ConnectTimeoutSetting = Setting<TimeSpan>.Code(value);
    }

    /// <summary>
    /// The heartbeat interval to negotiate, in whole seconds up to 65,535; zero leaves it to the broker. A silent connection is
    /// closed after three to four intervals. Default: 10 s. In connection strings: <c>heartbeat</c>, in seconds.
    /// </summary>
    public TimeSpan Heartbeat
    {
        get => HeartbeatSetting.Value;
        set => HeartbeatSetting = Setting<TimeSpan>.Code(value);
    }

    /// <summary>
    /// A direct exchange for replies, such as <c>rpc.replies</c>. Servers then need no permission on the default exchange, which
    /// would let them call every service. Clients bind their callback queues to it, and get replies through both exchanges.
    /// Servers publish replies only to it, so all their callers must set the same exchange. It is declared unless it exists.
    /// Default: null, replies go through the default exchange.
    /// </summary>
    public string? ReplyExchange { get; set; }

    /// <summary>Interceptors of the calls of all clients, the outermost first. Default: none.</summary>
    public IList<IRpcClientInterceptor> ClientInterceptors { get; } = [];

    /// <summary>Interceptors of the calls that all servers run, the outermost first. Default: none.</summary>
    public IList<IRpcServerInterceptor> ServerInterceptors { get; } = [];

    /// <summary>
    /// Identifies the caller of a call, before its arguments are read, for all servers that set no
    /// <see cref="RpcServerOptions.Authenticator"/>. Default: none, which leaves <see cref="RpcCallContext.BrokerUser"/>.
    /// </summary>
    public IRpcAuthenticator? Authenticator { get; set; }

    /// <summary>
    /// Decides on the policies of <see cref="RpcAuthorizeAttribute"/>, before a call's arguments are read, for all servers that
    /// set no <see cref="RpcServerOptions.Authorizer"/>. Default: none. A server whose methods name policies does not start
    /// without one.
    /// </summary>
    public IRpcAuthorizer? Authorizer { get; set; }

    /// <summary>The clock, to be replaced in tests. Default: the system's clock.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Sees each attempt of the calls of all clients, inside all other interceptors. For RpcGen.Testing.</summary>
    internal IRpcClientInterceptor? InnermostClientInterceptor { get; set; }

    internal Setting<TimeSpan> ConnectTimeoutSetting { get; set; } = Setting<TimeSpan>.Section(TimeSpan.FromSeconds(10));

    internal Setting<TimeSpan> HeartbeatSetting { get; set; } = Setting<TimeSpan>.Section(TimeSpan.FromSeconds(10));

    /// <summary>The settings of a connection's calls.</summary>
    internal SessionSettings ToSettings(ITransport transport) => new(transport.Address, MaxMessageBytes, Batching, SendBrokerUser)
    {
        UserName = transport.UserName,
        ReplyExchange = ReplyExchange ?? "",
        MaxPendingCalls = MaxPendingCalls,
    };

    /// <summary>The settings of a connection's streams.</summary>
    internal StreamSettings ToStreamSettings(ITransport transport) => new(transport.Address, MaxMessageBytes)
    {
        Beat = PeerHeartbeat,
        MaxBufferBytes = MaxStreamBufferBytes,
        ReplyExchange = ReplyExchange ?? "",
    };

    /// <summary>The time, randomness and logs of a connection.</summary>
    internal RpcEnvironment ToEnvironment(IRandomSource random) =>
        new(TimeProvider, random, new LimitedLog(LoggerFactory.CreateLogger("RpcGen"), TimeProvider))
        {
            CallLog = GuardedLogger.Guard(new CallLog(LoggerFactory.CreateLogger("RpcGen.Calls"), TimeProvider)),
        };

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1024, nameof(MaxMessageBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingCalls ?? 1, 1, nameof(MaxPendingCalls));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxStreamBufferBytes, 64 << 10, nameof(MaxStreamBufferBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(PeerHeartbeat, StreamBeat.Shortest, nameof(PeerHeartbeat));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(PeerHeartbeat, StreamBeat.Longest, nameof(PeerHeartbeat));
        ArgumentNullException.ThrowIfNull(LoggerFactory);
        QueueNames.ThrowIfInvalidExchange(ReplyExchange, nameof(ReplyExchange));
        if (JsonContexts.Contains(null!))
        {
            throw new ArgumentException($"{nameof(JsonContexts)} contains null.", nameof(JsonContexts));
        }

        Interceptor.ThrowIfInvalid(ClientInterceptors, nameof(ClientInterceptors));
        Interceptor.ThrowIfInvalid(ServerInterceptors, nameof(ServerInterceptors));
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ValidateConnecting();
    }

    private void ValidateConnecting()
    {
        if (!Enum.IsDefined(HostSelection))
        {
            throw new ArgumentOutOfRangeException(nameof(HostSelection), HostSelection, $"{nameof(HostSelection)} must be Random or InOrder.");
        }

        if (ConnectTimeout < TimeSpan.FromMilliseconds(1) || ConnectTimeout.TotalMilliseconds > int.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(ConnectTimeout), ConnectTimeout, $"{nameof(ConnectTimeout)} must be at least a millisecond, and 24 days at most.");
        }

        if (Heartbeat < TimeSpan.Zero || Heartbeat.TotalSeconds > ushort.MaxValue || Heartbeat.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Heartbeat), Heartbeat, $"{nameof(Heartbeat)} must be a whole number of seconds from 0 to {ushort.MaxValue}.");
        }

        const System.Security.Authentication.SslProtocols known = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13;
        if ((Tls.Protocols & ~known) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Tls), Tls.Protocols, $"{nameof(Tls)}.{nameof(Tls.Protocols)} must be Tls12, Tls13, both, or None for the system's choice.");
        }

        if (!Enum.IsDefined(Tls.RevocationMode))
        {
            throw new ArgumentOutOfRangeException(nameof(Tls), Tls.RevocationMode, $"{nameof(Tls)}.{nameof(Tls.RevocationMode)} must be NoCheck, Online or Offline.");
        }
    }
}
