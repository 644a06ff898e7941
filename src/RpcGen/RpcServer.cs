using RpcGen.Generated;
using RpcGen.Runtime;
using RpcGen.Server;
using RpcGen.Server.Running;
using RpcGen.Server.Settings;
using RpcGen.Server.Streaming;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen;

/// <summary>
/// Serves a queue until it is stopped or disposed, and reconnects after the loss of connection, channel or queue.
/// Thread-safe. Several servers of one queue, in one process or many, compete for its requests.
/// </summary>
public sealed class RpcServer : IAsyncDisposable
{
    private readonly ServiceHost _host;

    internal RpcServer(ServiceHost host, Type contract)
    {
        _host = host;
        Contract = contract;
    }

    /// <summary>The contract that is served.</summary>
    internal Type Contract { get; }

    /// <summary>The queue that is served.</summary>
    public string Queue => _host.Queue;

    /// <summary>
    /// Completes when the server has stopped. Fails with <see cref="RpcAccessDeniedException"/> if it stopped by itself because
    /// the broker took the permission to publish replies from it.
    /// </summary>
    public Task Completion => _host.Completion;

    /// <summary>Why no requests are consumed, as a clause for messages; null while they are.</summary>
    internal string? NotServingReason => _host.NotServingReason;

    /// <summary>Why the server cannot work properly although it serves, as a sentence for messages; null if it can.</summary>
    internal string? DegradedReason => _host.DegradedReason;

    /// <summary>
    /// Drains and stops the server: it consumes no more requests, waits for the running calls within
    /// <see cref="RpcServerOptions.GracePeriod"/>, and returns the rest to the queue for other servers. Idempotent: every call
    /// waits for the same end.
    /// </summary>
    /// <param name="cancellationToken">Ends the grace period early. Stopping then takes a few seconds at most.</param>
    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Drains and stops the server, like <see cref="StopAsync"/>.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Throws if one of the servers serves the queue for another contract. It would take that contract's requests and refuse them.</summary>
    internal static void ThrowIfServedAsAnother(IEnumerable<RpcServer> servers, string queue, Type contract)
    {
        if (servers.FirstOrDefault(server => server.Queue == queue && server.Contract != contract) is { } other)
        {
            throw new InvalidOperationException(
                $"The queue '{queue}' cannot serve {Describe(contract)}, because this connection serves {Describe(other.Contract)} on it: " +
                "give one of them another queue with RpcServerOptions.Queue, and its clients with RpcClientOptions.Queue.");
        }
    }

    private static string Describe(Type contract) => $"'{contract.FullName}' ({contract.Assembly.GetName().Name})";

    /// <summary>Turns valid options into the settings of a server.</summary>
    internal static ServerSettings CreateSettings(RpcServerOptions options, RpcContract contract, ITransport transport, RpcConnectionOptions connection, Predicate<string> isServedHere) => new()
    {
        Contract = contract,
        Queue = new QueueDeclaration(options.Queue ?? contract.Queue, KindOf(options.QueueType), (byte)options.MaxPriority, options.QueueExpiresAfter),
        DeadLetterQueue = options.DeadLetterQueue is { } dead ? new QueueDeclaration(dead, KindOf(options.QueueType)) : null,
        Exchange = options.Exchange ?? contract.Exchange ?? "",
        ReplyExchange = contract.BodyStyle == RpcBodyStyle.Bare ? "" : connection.ReplyExchange ?? "", // foreign callers bind no queue to it
        Broker = transport.Address,
        UserName = transport.UserName,
        MaxMessageBytes = connection.MaxMessageBytes,
        IsServedHere = isServedHere,
        MaxConcurrentCalls = options.MaxConcurrentCalls,
        ConsumerTimeout = options.ConsumerTimeout,
        LongCallAfter = options.LongCallAfter,
        MaxLongCalls = options.MaxLongCalls,
        RejectWhenOverloaded = options.RejectWhenOverloaded,
        IsDiscoverable = options.Discoverable,
        MaxTimeout = options.MaxTimeout ?? ServerSettings.DefaultMaxTimeout,
        GracePeriod = options.GracePeriod,
        UseExistingQueue = options.UseExistingQueue,
        EnableDetailedErrors = options.EnableDetailedErrors,
    };

    /// <summary>What takes the methods of a contract.</summary>
    internal static ServiceBinder<T> CreateBinder<T>(
        ServiceSource<T> services, IReadOnlyList<IRpcServerInterceptor> interceptors, CallerChecks checks, string queue, RpcJson json, StreamLinks streams, RpcServerOptions options, RpcEnvironment environment)
        where T : class => new(services, interceptors, checks, queue, json)
        {
            Streams = new OpenStreams(streams, options.MaxStreams),
            StreamFaults = new StreamFaults(queue, options.EnableDetailedErrors, environment),
        };

    /// <summary>What checks the callers of a server.</summary>
    internal static CallerChecks CreateChecks(RpcServerOptions options, RpcConnectionOptions connection) =>
        new(options.Authenticator ?? connection.Authenticator, options.Authorizer ?? connection.Authorizer);

    private static QueueKind KindOf(RpcQueueType type) => type switch
    {
        RpcQueueType.Quorum => QueueKind.Quorum,
        RpcQueueType.NonDurable => QueueKind.Transient,
        RpcQueueType.BrokerDefault => QueueKind.BrokerDefault,
        _ => QueueKind.Classic,
    };
}
