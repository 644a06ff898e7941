using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RpcGen.Client;
using RpcGen.Protocol;
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
        SendBrokerUser = other.SendBrokerUser;
        ReplyExchange = other.ReplyExchange;
        ClientInterceptors = [.. other.ClientInterceptors];
        ServerInterceptors = [.. other.ServerInterceptors];
        Authenticator = other.Authenticator;
        Authorizer = other.Authorizer;
        TimeProvider = other.TimeProvider;
    }

    /// <summary>The connections' name in the broker's management UI. Default: the name of the process.</summary>
    public string? ConnectionName { get; set; }

    /// <summary>Where RpcGen logs. Default: nowhere.</summary>
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
    /// It applies to methods with <see cref="RpcIdempotentAttribute"/>, <see cref="RpcAtMostOnceAttribute"/> or
    /// <see cref="RpcBatchingAttribute"/> whose handlers are quick, and to servers that support it. Default: true.
    /// </summary>
    public bool Batching { get; set; } = true;

    /// <summary>
    /// How many calls of all clients can wait for their outcome at a time, 1 or more. One more throws
    /// <see cref="RpcUnavailableException"/> at once, with <see cref="RpcUnavailableReason.TooManyCalls"/>. Default: null, no limit.
    /// </summary>
    public int? MaxPendingCalls { get; set; }

    /// <summary>
    /// Whether requests carry the user of the connection string in AMQP's <c>user_id</c>, which the broker verifies. Handlers
    /// read it from <see cref="RpcCallContext.BrokerUser"/>. Default: false.
    /// </summary>
    public bool SendBrokerUser { get; set; }

    /// <summary>
    /// A direct exchange for replies, such as <c>rpc.replies</c>, so that servers need no permission on the default exchange,
    /// which would let them call every service. Clients bind their callback queues to it and get replies both ways; servers
    /// publish replies to it alone, so that all their callers must set the same. It is declared unless it exists. Default:
    /// none, and replies go through the default exchange.
    /// </summary>
    public string? ReplyExchange { get; set; }

    /// <summary>Interceptors of the calls of all clients, the outermost first. Default: none.</summary>
    public IList<IRpcClientInterceptor> ClientInterceptors { get; } = [];

    /// <summary>Interceptors of the calls that all servers run, the outermost first. Default: none.</summary>
    public IList<IRpcServerInterceptor> ServerInterceptors { get; } = [];

    /// <summary>
    /// Finds out who makes a call, before its arguments are read, for all servers that set no
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

    /// <summary>The settings of a connection's calls.</summary>
    internal SessionSettings ToSettings(ITransport transport) => new(transport.Address, MaxMessageBytes, Batching, SendBrokerUser ? transport.UserName : null)
    {
        UserName = transport.UserName,
        ReplyExchange = ReplyExchange ?? "",
        MaxPendingCalls = MaxPendingCalls,
    };

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1024, nameof(MaxMessageBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPendingCalls ?? 1, 1, nameof(MaxPendingCalls));
        ArgumentNullException.ThrowIfNull(LoggerFactory);
        QueueNames.ThrowIfInvalidExchange(ReplyExchange, nameof(ReplyExchange));
        if (JsonContexts.Contains(null!))
        {
            throw new ArgumentException($"{nameof(JsonContexts)} contains null.", nameof(JsonContexts));
        }

        Interceptor.ThrowIfInvalid(ClientInterceptors, nameof(ClientInterceptors));
        Interceptor.ThrowIfInvalid(ServerInterceptors, nameof(ServerInterceptors));
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
