using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RpcGen.Client;
using RpcGen.Connections;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Serialization;
using RpcGen.Server;
using RpcGen.Transport;

namespace RpcGen;

/// <summary>
/// A broker, as an application uses it: the source of clients and servers. Thread-safe; one per broker and process is
/// enough. It holds one connection for calls and, once something is served, another one for serving, and mends both:
/// clients and servers outlive the loss of connections and restarts of the broker.
/// </summary>
public sealed class RpcConnection : IAsyncDisposable, IDisposable
{
    private readonly ITransport _transport;
    private readonly RpcConnectionOptions _options;
    private readonly RpcEnvironment _environment;
    private readonly bool _opensInBackground;
    private readonly Supervisor<ITransportConnection> _callConnections;
    private readonly CallSession _calls;
    private readonly Introspector _introspector;
    private readonly ConcurrentDictionary<RpcServer, bool> _servers = new();
    private readonly ConcurrentDictionary<Type, RpcJson> _json = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly Lock _gate = new();
    private Task<Supervisor<ITransportConnection>>? _serveConnections;
    private Task? _disposing;

    private RpcConnection(ITransport transport, RpcConnectionOptions options, RpcEnvironment environment, bool opensInBackground)
    {
        _opensInBackground = opensInBackground;
        _transport = transport;
        _options = new RpcConnectionOptions(options);
        _environment = environment;
        _callConnections = SuperviseConnection("calls");
        _calls = new CallSession(
            transport.Address, _callConnections, environment, options.MaxMessageBytes, options.Batching, options.SendBrokerUser ? transport.UserName : null);
        _introspector = new Introspector(_calls);
    }

    /// <summary>The state of the connection for calls, as far as is known.</summary>
    public RpcConnectionState State =>
        _disposed.IsCancellationRequested ? RpcConnectionState.Closed
        : Trouble is not null ? RpcConnectionState.Connecting
        : BlockedReason is not null ? RpcConnectionState.Blocked
        : RpcConnectionState.Connected;

    /// <summary>Calls that wait for their outcome.</summary>
    internal int PendingCalls => _calls.Table.PendingCount;

    internal CallSession Calls => _calls;

    /// <summary>The broker's address for people: no user name, no password.</summary>
    internal string Address => _transport.Address;

    /// <summary>Why calls can't go out, as a clause for messages; null while they can.</summary>
    internal string? Trouble => _calls.Trouble;

    /// <summary>Why the broker takes no messages at the moment; null while it does, or where there is no way to it.</summary>
    internal string? BlockedReason => _calls.BlockedReason;

    /// <summary>Completes when an attempt to connect has failed.</summary>
    internal Task FirstFailure => _callConnections.FirstFailure;

    /// <summary>Connects to a broker.</summary>
    /// <param name="connectionString">
    /// <c>amqp://user:password@host:port/vhost</c> or <c>amqps://…</c> as in RabbitMQ's URI specification, several hosts
    /// separated by commas; or <c>memory://name</c> for a broker inside of this process, <c>memory://user@name</c> to be
    /// somebody there.
    /// </param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ArgumentException">The connection string can't be understood.</exception>
    /// <exception cref="RpcConnectionException">No host could be reached; the message names each with its cause.</exception>
    public static Task<RpcConnection> ConnectAsync(string connectionString, CancellationToken cancellationToken = default) =>
        ConnectAsync(connectionString, new RpcConnectionOptions(), cancellationToken);

    /// <inheritdoc cref="ConnectAsync(string, CancellationToken)"/>
    /// <param name="connectionString">As above.</param>
    /// <param name="options">Settings of the connection and everything made from it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public static Task<RpcConnection> ConnectAsync(string connectionString, RpcConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        return ConnectAsync(TransportFactory.Create(connectionString, options.TimeProvider), options, SystemRandomSource.Instance, cancellationToken);
    }

    /// <summary>Makes a client of a contract. It costs nothing to keep and needs no disposal; make it once.</summary>
    /// <typeparam name="T">The contract: a partial interface with <see cref="AmqpRpcAttribute"/>.</typeparam>
    /// <exception cref="InvalidOperationException">A type of the contract has no JSON metadata; the message says how to add it.</exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public T CreateClient<T>(RpcClientOptions? options = null)
        where T : class, IRpcContract<T>
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        options = options is null ? new RpcClientOptions() : new RpcClientOptions(options);
        options.Validate();
        RpcContract contract = T.DescribeContract();
        QueueNames.ThrowIfTooLong(options.Queue ?? contract.Queue, contract.BodyStyle, nameof(options.Queue));
        return T.CreateClient(new ClientBinder(_calls, contract, options, Interceptor.Join(_options.ClientInterceptors, options.Interceptors), GetJson<T>(contract)));
    }

    /// <summary>
    /// Serves a contract. When this completes, requests are being taken. While the broker is away it waits: bound it with a
    /// token.
    /// </summary>
    /// <typeparam name="T">The contract, to be named: <c>ServeAsync&lt;IFibonacciService&gt;(new FibonacciService())</c>.</typeparam>
    /// <param name="service">Runs the calls, several at the same time: it has to be thread-safe.</param>
    /// <param name="options">Settings of the server.</param>
    /// <param name="cancellationToken">Ends the attempt, not the server.</param>
    /// <exception cref="RpcConnectionException">The broker refuses, for example since the queue exists with other properties.</exception>
    /// <exception cref="RpcUnavailableException">The queue does not exist, and <see cref="RpcServerOptions.UseExistingQueue"/> is set.</exception>
    /// <exception cref="InvalidOperationException">
    /// A type of the contract has no JSON metadata, or a method is marked <see cref="RpcAuthorizeAttribute"/> and no
    /// interceptor checks policies; the message says how to add it.
    /// </exception>
    public Task<RpcServer> ServeAsync<T>(T service, RpcServerOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IRpcContract<T>
    {
        ArgumentNullException.ThrowIfNull(service);
        return ServeFromAsync(new SharedService<T>(service), options, cancellationToken);
    }

    /// <inheritdoc cref="ServeAsync"/>
    /// <param name="services">Gives an object for each call.</param>
    /// <param name="options">As above.</param>
    /// <param name="cancellationToken">As above.</param>
    internal async Task<RpcServer> ServeFromAsync<T>(ServiceSource<T> services, RpcServerOptions? options, CancellationToken cancellationToken)
        where T : class, IRpcContract<T>
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        options = options is null ? new RpcServerOptions() : new RpcServerOptions(options);
        options.Validate();
        RpcContract contract = T.DescribeContract();
        QueueNames.ThrowIfTooLong(options.Queue ?? contract.Queue, contract.BodyStyle, nameof(options.Queue));
        string queue = options.Queue ?? contract.Queue;
        IReadOnlyList<IRpcServerInterceptor> interceptors = Interceptor.Join(_options.ServerInterceptors, options.Interceptors);
        var binder = new ServiceBinder<T>(services, interceptors, queue, GetJson<T>(contract));
        T.BindServer(binder);
        Interceptor.ThrowIfUnguarded(binder.Handlers, interceptors, queue);

        Supervisor<ITransportConnection> connections = await GetServeConnectionsAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        var server = new RpcServer(
            queue,
            contract,
            binder.Handlers,
            options,
            _transport.Address,
            _options.MaxMessageBytes,
            _environment,
            connections,
            IsServedHere,
            stopped => _servers.TryRemove(stopped, out _));
        _servers.TryAdd(server, true);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this); // whoever disposes sees the server from here on
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Asks a server of a queue whether it is there, without knowing its contract: one of those that consume it answers. The
    /// question waits in the queue like any request, so that a server that is busy with as many calls as it runs at a time
    /// answers once one of them has ended. In a queue with priorities it goes before others.
    /// </summary>
    /// <param name="queue">The request queue.</param>
    /// <param name="cancellationToken">Ends the wait, which takes 30 seconds at most.</param>
    /// <exception cref="RpcUnavailableException">There is no such queue.</exception>
    /// <exception cref="RpcTimeoutException">No answer came in time; the message says what is known of the queue.</exception>
    /// <exception cref="RpcProtocolException">The server does not answer such questions: it is a foreign one, or speaks the bare style.</exception>
    /// <exception cref="RpcConnectionException">The connection is disposed.</exception>
    public Task<RpcPing> PingAsync(string queue, CancellationToken cancellationToken = default)
    {
        CheckQueue(queue);
        return _introspector.PingAsync(queue, cancellationToken);
    }

    /// <summary>
    /// Asks a server of a queue what it serves, without knowing its contract: methods with JSON schemas of what they take
    /// and give, version, instance, counters. One of those that consume the queue answers; for when, see <see cref="PingAsync"/>.
    /// </summary>
    /// <inheritdoc cref="PingAsync"/>
    public Task<RpcServiceDescription> DescribeAsync(string queue, CancellationToken cancellationToken = default)
    {
        CheckQueue(queue);
        return _introspector.DescribeAsync(queue, cancellationToken);
    }

    /// <summary>
    /// Fails the pending calls at once, except those that handlers make; stops the servers, each within its grace period;
    /// closes the connections.
    /// Idempotent; every call waits for the same end.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            return new ValueTask(_disposing ??= DisposeCoreAsync());
        }
    }

    /// <summary>As <see cref="DisposeAsync"/>, for containers that are disposed synchronously: it blocks until the end.</summary>
    void IDisposable.Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    /// <summary>
    /// A connection that opens in the background, and for serving as well, however long it takes: calls wait for it within their
    /// deadlines.
    /// </summary>
    /// <exception cref="ArgumentException">The connection string can't be understood.</exception>
    internal static RpcConnection Open(string connectionString, RpcConnectionOptions options)
    {
        options.Validate();
        ITransport transport = TransportFactory.Create(connectionString, options.TimeProvider);
        var connection = new RpcConnection(transport, options, CreateEnvironment(options, SystemRandomSource.Instance), opensInBackground: true);
        connection._callConnections.StartInBackground();
        connection._calls.StartInBackground();
        return connection;
    }

    /// <summary>Completes when calls can go out.</summary>
    /// <exception cref="ObjectDisposedException">They never will.</exception>
    internal Task WaitUntilOpenAsync(CancellationToken cancellationToken) => _calls.WaitUntilOpenAsync(cancellationToken);

    internal static async Task<RpcConnection> ConnectAsync(ITransport transport, RpcConnectionOptions options, IRandomSource random, CancellationToken cancellationToken)
    {
        var connection = new RpcConnection(transport, options, CreateEnvironment(options, random), opensInBackground: false);
        try
        {
            await connection._callConnections.StartAsync(cancellationToken).ConfigureAwait(false);
            await connection._calls.StartAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            if (e is TransportRefusedException or TransportClosedException)
            {
                throw new RpcConnectionException($"{transport.Address} accepted the connection, but not what a client needs: {e.Message}", e);
            }

            throw;
        }
    }

    private static RpcEnvironment CreateEnvironment(RpcConnectionOptions options, IRandomSource random) =>
        new(options.TimeProvider, random, options.LoggerFactory.CreateLogger("RpcGen"));

    /// <summary>The metadata of a contract, made once: clients are cheap to make.</summary>
    private RpcJson GetJson<T>(RpcContract contract) =>
        _json.GetOrAdd(typeof(T), static (_, made) => RpcJsonFactory.Create(made.Contexts, made.Contract), (Contexts: _options.JsonContexts, Contract: contract));

    private void CheckQueue(string queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        QueueNames.ThrowIfInvalid(queue, nameof(queue));
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
    }

    private bool IsServedHere(string queue) => _servers.Any(entry => entry.Key.Queue == queue);

    private Supervisor<ITransportConnection> SuperviseConnection(string purpose)
    {
        string name = $"{_options.ConnectionName ?? AppDomain.CurrentDomain.FriendlyName} ({purpose})";
        return new Supervisor<ITransportConnection>(
            $"The connection for {purpose} to {_transport.Address}",
            (_, cancellationToken) => _transport.ConnectAsync(name, cancellationToken),
            _environment);
    }

    /// <summary>The connection for serving, opened by the first who serves; where that failed, the next one tries again.</summary>
    private Task<Supervisor<ITransportConnection>> GetServeConnectionsAsync()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this); // whoever disposes sees what is opened from here on
            return _serveConnections is { IsFaulted: false, IsCanceled: false } ? _serveConnections : _serveConnections = OpenServeConnectionAsync();
        }
    }

    private async Task<Supervisor<ITransportConnection>> OpenServeConnectionAsync()
    {
        Supervisor<ITransportConnection> connections = SuperviseConnection("serving");
        if (_opensInBackground)
        {
            connections.StartInBackground();
        }
        else
        {
            await connections.StartAsync(_disposed.Token).ConfigureAwait(false);
        }

        return connections;
    }

    private async Task DisposeCoreAsync()
    {
        await Task.Yield(); // not under the lock
        await _disposed.CancelAsync().ConfigureAwait(false);
        _calls.Close(); // at once: those who wait must not wait for the servers, whose handlers may still call
        await Task.WhenAll(_servers.Keys.Select(server => server.StopAsync())).ConfigureAwait(false);
        await _calls.DisposeAsync().ConfigureAwait(false);
        Task<Supervisor<ITransportConnection>>? serving;
        lock (_gate)
        {
            serving = _serveConnections;
        }

        if (serving is { } opening)
        {
            try
            {
                await (await opening.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is RpcConnectionException or OperationCanceledException)
            {
                // It was never open.
            }
        }

        await _callConnections.DisposeAsync().ConfigureAwait(false);
    }
}
