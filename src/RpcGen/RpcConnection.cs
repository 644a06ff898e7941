using System.Collections.Concurrent;
using RpcGen.Client;
using RpcGen.Connections;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Serialization;
using RpcGen.Server;
using RpcGen.Server.Running;
using RpcGen.Server.Settings;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen;

/// <summary>
/// Connects an application to a broker, and creates clients and servers. Thread-safe. One object per broker and process is
/// enough. It opens one connection for calls. When a contract is served, it opens another one for serving, or several if one
/// does not have enough channels for all servers; the first stream or long call opens one for streams. Lost connections are reopened: clients
/// and servers survive connection losses and restarts of the broker.
/// </summary>
public sealed partial class RpcConnection : IAsyncDisposable, IDisposable
{
    private readonly ITransport _transport;
    private readonly RpcConnectionOptions _options;
    private readonly RpcEnvironment _environment;
    private readonly Supervisor<ITransportConnection> _callConnections;
    private readonly ServingConnections _serveConnections;
    private readonly CallSession _calls;
    private readonly Introspector _introspector;
    private readonly ConcurrentDictionary<RpcServer, bool> _servers = new();
    private readonly ConcurrentDictionary<(Type Contract, bool IsServer), RpcJson> _json = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _gate = new();
    private Task? _disposing;

    private RpcConnection(ITransport transport, RpcConnectionOptions options, RpcEnvironment environment, bool opensInBackground)
    {
        _transport = transport;
        _options = new RpcConnectionOptions(options);
        _environment = environment;
        _callConnections = Supervise("calls", () => _calls!.PendingCount > 0 || _calls.OneWay.IsSending);
        _serveConnections = new ServingConnections(() => Supervise("serving", () => !_servers.IsEmpty), opensInBackground);
        _calls = new CallSession(options.ToSettings(transport), _callConnections, environment);
        Streams = new StreamLinks(options.ToStreamSettings(transport), () => Supervise("streams", () => Streams!.IsAwaiting), environment);
        _calls.LongCalls.Awaited = Streams.LongCalls.Awaited;
        _introspector = new Introspector(_calls);
    }

    /// <summary>The state of the connection for calls, as far as is known.</summary>
    public RpcConnectionState State =>
        _disposed.IsCancellationRequested ? RpcConnectionState.Closed
        : UnavailableReason is not null ? RpcConnectionState.Connecting
        : BlockedReason is not null ? RpcConnectionState.Blocked
        : RpcConnectionState.Connected;

    /// <summary>The number of calls that wait for their outcome.</summary>
    internal int PendingCalls => _calls.PendingCount;

    internal CallSession Calls => _calls;
    internal StreamLinks Streams { get; }

    /// <summary>The broker's address for messages: without user name and password.</summary>
    internal string Address => _transport.Address;

    /// <summary>Why calls cannot be sent, as a clause for messages; null while they can.</summary>
    internal string? UnavailableReason => _calls.UnavailableReason;

    /// <summary>Whether an exception says that the connection was lost, rather than that the broker refused something.</summary>
    internal static bool IsLoss(RpcException exception) => exception.InnerException is TransportClosedException;

    /// <summary>Why the broker blocks publishers; null while it does not, or while there is no connection.</summary>
    internal string? BlockedReason => _calls.BlockedReason;

    /// <summary>Completes when an attempt to connect has failed for the first time.</summary>
    internal Task FirstFailure => _callConnections.FirstFailure;

    /// <summary>Connects to a broker.</summary>
    /// <param name="connectionString">
    /// <c>amqp://user:password@host:port/vhost</c> or <c>amqps://…</c> as in RabbitMQ's URI specification, with several hosts
    /// separated by commas. <c>memory://name</c> is a broker inside this process, and <c>memory://user@name</c> connects to it
    /// as a user.
    /// </param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ArgumentException">The connection string is invalid.</exception>
    /// <exception cref="RpcConnectionException">No host could be reached. The message names each host with its cause.</exception>
    /// <exception cref="RpcAccessDeniedException">The user lacks a permission that clients need. The message names it.</exception>
    public static Task<RpcConnection> ConnectAsync(string connectionString, CancellationToken cancellationToken = default) =>
        ConnectAsync(connectionString, new RpcConnectionOptions(), cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, CancellationToken)" path="/*[not(self::param)]"/>
    /// <param name="connectionString">The broker's address, as for <see cref="ConnectAsync(string, CancellationToken)"/>.</param>
    /// <param name="options">Settings of the connection and of everything created from it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static Task<RpcConnection> ConnectAsync(string connectionString, RpcConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        ITransport transport = TransportFactory.Create(ConnectionSource.Fixed(connectionString), options, options.ToEnvironment(SystemRandomSource.Instance));
        return ConnectAsync(transport, options, SystemRandomSource.Instance, cancellationToken);
    }

    /// <summary>Creates a client of a contract. Create it once and keep it. It needs no disposal.</summary>
    /// <typeparam name="T">The contract: a partial interface with <see cref="AmqpRpcAttribute"/>.</typeparam>
    /// <exception cref="InvalidOperationException">
    /// JSON does not support a type of the contract, or has no metadata for it: the message names method, type and cause. Or the contract was generated by another
    /// version of RpcGen: the message says what to update.
    /// </exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public T CreateClient<T>(RpcClientOptions? options = null)
        where T : class, IRpcContract<T>
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        options = options is null ? new RpcClientOptions() : new RpcClientOptions(options);
        options.Validate();
        RpcContract contract = ContractFormat.Describe<T>();
        QueueNames.ThrowIfTooLong(options.Queue ?? contract.Queue, contract.BodyStyle, nameof(options.Queue));
        _introspector.NoteExchange(options.Queue ?? contract.Queue, options.Exchange ?? contract.Exchange);
        return T.CreateClient(new ClientBinder(_calls, contract, options.ToSettings(_options), GetJson<T>(contract, isServer: false, options.MaxKeyedElements)) { Streams = Streams });
    }

    /// <summary>
    /// Serves a contract. The task completes when the server takes requests. It waits while the broker is not reachable: use
    /// the token to limit the wait.
    /// </summary>
    /// <typeparam name="T">The contract, which must be written out: <c>ServeAsync&lt;IFibonacciService&gt;(new FibonacciService())</c>.</typeparam>
    /// <param name="service">Runs the calls. It must be thread-safe, because several calls run at the same time.</param>
    /// <param name="options">Settings of the server.</param>
    /// <param name="cancellationToken">Ends the attempt, not the server.</param>
    /// <exception cref="RpcConnectionException">The broker refuses, for example because the queue exists with other properties.</exception>
    /// <exception cref="RpcAccessDeniedException">The user lacks a permission on the broker that servers need. The message names it.</exception>
    /// <exception cref="RpcUnavailableException">The queue does not exist, and <see cref="RpcServerOptions.UseExistingQueue"/> is set.</exception>
    /// <exception cref="InvalidOperationException">
    /// JSON does not support a type of the contract, this connection serves another contract on the queue, a method requires a
    /// policy and there is no <see cref="IRpcAuthorizer"/>, or the contract was generated by another version of RpcGen. The message names the cause.
    /// </exception>
    public Task<RpcServer> ServeAsync<T>(T service, RpcServerOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IRpcContract<T>
    {
        ArgumentNullException.ThrowIfNull(service);
        return ServeFromAsync(new SharedService<T>(service), options, cancellationToken);
    }

    /// <inheritdoc cref="ServeAsync"/>
    /// <param name="services">Provides the object for each call.</param>
    /// <param name="options">As above.</param>
    /// <param name="cancellationToken">As above.</param>
    internal async Task<RpcServer> ServeFromAsync<T>(ServiceSource<T> services, RpcServerOptions? options, CancellationToken cancellationToken)
        where T : class, IRpcContract<T>
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        options = options is null ? new RpcServerOptions() : new RpcServerOptions(options);
        options.Validate();
        RpcContract contract = ContractFormat.Describe<T>();
        string queue = options.Queue ?? contract.Queue;
        QueueNames.ThrowIfTooLong(queue, contract.BodyStyle, nameof(options.Queue));
        RpcServer.ThrowIfServedAsAnother(_servers.Keys, queue, typeof(T));
        _introspector.NoteExchange(queue, options.Exchange ?? contract.Exchange);
        CallerChecks checks = RpcServer.CreateChecks(options, _options);
        ServiceBinder<T> binder = RpcServer.CreateBinder(services, Interceptor.Join(_options.ServerInterceptors, options.Interceptors), checks, queue, GetJson<T>(contract, isServer: true, options.MaxKeyedElements), Streams, options, _environment);
        T.BindServer(binder);
        checks.ThrowIfIncomplete(binder.Handlers.Select(handler => handler.Method), options.DescriptionPolicy, queue);

        ServerSettings settings = RpcServer.CreateSettings(options, contract, _transport, _options, IsServedHere);
        ServingPlace place = await _serveConnections.GetPlaceAsync(cancellationToken).ConfigureAwait(false);
        var host = new ServiceHost(settings, binder.Handlers, _environment, binder.CreateDescriptionAccess(options.DescriptionPolicy), place.Connection, _callConnections) { Streams = binder.Streams, LongCalls = Streams.LongCalls.Served };
        var server = new RpcServer(host, typeof(T));
        host.Stopped = () => OnStopped(server, place);
        _servers.TryAdd(server, true);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this); // from here on, disposal stops the server
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Fails the pending calls at once, except those that handlers make. Then stops the servers, each within its grace period,
    /// and closes the connections. Idempotent: all calls wait for the same end.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new ValueTask(_disposing ??= DisposeCoreAsync());
        }
    }

    /// <summary>As <see cref="DisposeAsync"/>, but blocks the thread. For containers that are disposed synchronously.</summary>
    void IDisposable.Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    /// <summary>
    /// Creates a connection that opens in the background, both for calls and for serving. Attempts go on until it is open; calls
    /// wait for it within their time limits.
    /// </summary>
    /// <exception cref="ArgumentException">The connection string is invalid.</exception>
    internal static RpcConnection Open(ConnectionSource source, RpcConnectionOptions options)
    {
        options.Validate();
        RpcEnvironment environment = options.ToEnvironment(SystemRandomSource.Instance);
        var connection = new RpcConnection(TransportFactory.Create(source, options, environment), options, environment, opensInBackground: true);
        connection._callConnections.StartInBackground();
        connection._calls.StartInBackground();
        return connection;
    }

    /// <summary>Completes when calls can be sent.</summary>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    internal Task WaitUntilOpenAsync(CancellationToken cancellationToken) => _calls.WaitUntilOpenAsync(cancellationToken);

    internal static async Task<RpcConnection> ConnectAsync(ITransport transport, RpcConnectionOptions options, IRandomSource random, CancellationToken cancellationToken)
    {
        var connection = new RpcConnection(transport, options, options.ToEnvironment(random), opensInBackground: false);
        try
        {
            await connection._callConnections.StartAsync(cancellationToken).ConfigureAwait(false);
            await connection._calls.StartAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            switch (e)
            {
                case TransportRefusedException { Code: AmqpReplyCodes.AccessRefused } refusal:
                    throw PermissionRefusals.OfCallbackQueue(transport.Address, transport.UserName, refusal);
                case TransportRefusedException or TransportClosedException:
                    throw new RpcConnectionException($"{transport.Address} accepted the connection, but refused what clients need: {e.Message}", e);
                default:
                    throw;
            }
        }
    }

    /// <summary>Gets the JSON metadata of a contract. It is created once, so that clients are cheap to create.</summary>
    private RpcJson GetJson<T>(RpcContract contract, bool isServer, int maxKeyedElements) =>
        _json.GetOrAdd((typeof(T), isServer), static (key, made) => RpcJsonFactory.Create(made.Contexts, made.Contract, key.IsServer), (Contexts: _options.JsonContexts, Contract: contract)).WithMaxKeyedElements(maxKeyedElements);

    /// <summary>The default name of an application's connections, which tells its processes apart in the broker's list.</summary>
    internal static string NameOf(string application) => $"{application}@{Environment.MachineName}:{Environment.ProcessId}";

    private bool IsServedHere(string queue) => _servers.Any(entry => entry.Key.Queue == queue);

    private Supervisor<ITransportConnection> Supervise(string purpose, Func<bool> isAwaiting) =>
        WatchedConnection.Supervise(_transport, _options.ConnectionName ?? NameOf(AppDomain.CurrentDomain.FriendlyName), purpose, isAwaiting, _environment);

    private void OnStopped(RpcServer server, ServingPlace place)
    {
        _servers.TryRemove(server, out _);
        place.Leave();
    }

    private async Task DisposeCoreAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // leaves the lock of the caller
        await _disposed.CancelAsync().ConfigureAwait(false);
        await _serveConnections.CloseAsync().ConfigureAwait(false);
        _calls.Close(); // before the servers stop: pending calls must not wait for running handlers
        Streams.Close();
        await Task.WhenAll(_servers.Keys.Select(server => server.StopAsync())).ConfigureAwait(false);
        await _calls.DisposeAsync().ConfigureAwait(false);
        await Streams.DisposeAsync().ConfigureAwait(false);
        await _serveConnections.DisposeAsync().ConfigureAwait(false);
        await _callConnections.DisposeAsync().ConfigureAwait(false);
    }
}
