using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Testing;

/// <summary>
/// A broker in the test's process, isolated from all others. It behaves as RabbitMQ does, records the calls that services run, and
/// fails on demand. Create one for each test, and dispose it after the connections. Thread-safe.
/// </summary>
/// <remarks>Connections with its address that were made in another way work too, but their calls are neither recorded nor failed.</remarks>
public sealed class RpcTestBroker : IAsyncDisposable
{
    private static int _count;

    private readonly InMemoryBroker _broker;
    private readonly TimeProvider _time;
    private readonly CallRecorder _recorder = new();
    private readonly CallFaults _faults;
    private int _blocks;
    private int _isDisposed;

    /// <summary>Starts the broker.</summary>
    /// <param name="timeProvider">The clock of the broker and of its connections, for tests that move time. Default: the system's.</param>
    public RpcTestBroker(TimeProvider? timeProvider = null)
    {
        _time = timeProvider ?? TimeProvider.System;
        string name = string.Create(CultureInfo.InvariantCulture, $"rpc-test-broker-{Interlocked.Increment(ref _count)}");
        _broker = InMemoryBrokers.Hold(name, _time);
        _faults = new CallFaults(_time);
        ConnectionString = $"memory://{name}";
    }

    /// <summary>The broker's address.</summary>
    public string ConnectionString { get; }

    /// <summary>The calls that services have run, in the order of their ends.</summary>
    public IReadOnlyList<RpcRecordedCall> Calls => _recorder.Calls;

    /// <summary>Connects to the broker. The test disposes the connection.</summary>
    /// <param name="options">Further options. The broker's own clock is used unless they have another one.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public Task<RpcConnection> ConnectAsync(RpcConnectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        options = options is null ? new RpcConnectionOptions() : new RpcConnectionOptions(options);
        Observe(options);
        return RpcConnection.ConnectAsync(ConnectionString, options, cancellationToken);
    }

    /// <summary>Waits for a call of a method, and returns the first that fits, whether it ended before or ends later. It does not time out: use the token.</summary>
    /// <typeparam name="T">The contract that is served.</typeparam>
    /// <param name="method">The method's name in C# or on the wire: <c>PlaceAsync</c> or <c>Place</c>.</param>
    /// <param name="predicate">Which calls fit. Default: all. It must not throw.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">The contract has no such method.</exception>
    /// <exception cref="OperationCanceledException">The token fired before such a call ended.</exception>
    public Task<RpcRecordedCall> WaitForCallAsync<T>(string method, Func<RpcRecordedCall, bool>? predicate = null, CancellationToken cancellationToken = default)
        where T : class, IRpcContract<T>
    {
        string name = ContractMethods.Find<T>(method);
        return _recorder.WaitAsync(call => call.Contract == typeof(T) && call.Method == name && (predicate is null || predicate(call)), cancellationToken);
    }

    /// <summary>
    /// Fails calls of a method until the returned object is disposed. Exceptions of RpcGen, such as <see cref="RpcUnavailableException"/>, are thrown to
    /// callers before anything is sent. Others are thrown instead of running the service's method: callers get declared faults as they
    /// are, and <see cref="RpcRemoteException"/> for others.
    /// </summary>
    /// <typeparam name="T">The contract.</typeparam>
    /// <param name="method">The method's name in C# or on the wire.</param>
    /// <param name="exception">The exception. It is thrown for each call.</param>
    /// <exception cref="ArgumentException">The contract has no such method.</exception>
    public IDisposable Fail<T>(string method, Exception exception)
        where T : class, IRpcContract<T>
    {
        ArgumentNullException.ThrowIfNull(exception);
        return _faults.Add<T>(method, exception, TimeSpan.Zero);
    }

    /// <summary>Delays calls of a method, until the returned object is disposed: the service's method runs after the pause, by the broker's clock.</summary>
    /// <typeparam name="T">The contract.</typeparam>
    /// <param name="method">The method's name in C# or on the wire.</param>
    /// <param name="delay">The pause.</param>
    /// <exception cref="ArgumentException">The contract has no such method.</exception>
    public IDisposable Delay<T>(string method, TimeSpan delay)
        where T : class, IRpcContract<T> => _faults.Add<T>(method, exception: null, delay);

    /// <summary>Closes all connections, as a broker does that restarts. They reconnect by themselves. Queues stay. Calls in flight, also those that start before the client notices, end as after any loss.</summary>
    public Task DropConnectionsAsync()
    {
        _broker.CloseConnections(TransportClosure.ByBroker(AmqpReplyCodes.ConnectionForced, "CONNECTION_FORCED - dropped by the test"));
        return Task.CompletedTask;
    }

    /// <summary>Accepts no messages until the returned object is disposed, as a broker does that runs out of memory or disk space.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The caller disposes it.")]
    public IDisposable Block()
    {
        if (Interlocked.Increment(ref _blocks) == 1)
        {
            _broker.Block("blocked by the test");
        }

        return new Undo(() =>
        {
            if (Interlocked.Decrement(ref _blocks) == 0)
            {
                _broker.Unblock();
            }
        });
    }

    /// <summary>Stops the broker. Waits for <see cref="WaitForCallAsync"/> fail with <see cref="ObjectDisposedException"/>. Idempotent.</summary>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _recorder.Stop();
            _broker.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Has a connection's calls recorded, failed and delayed.</summary>
    internal void Observe(RpcConnectionOptions options)
    {
        if (ReferenceEquals(options.TimeProvider, TimeProvider.System))
        {
            options.TimeProvider = _time;
        }

        options.InnermostClientInterceptor = _faults; // interceptors that repeat calls see its failures, as those of a broker
        options.ServerInterceptors.Insert(0, _recorder); // first, so that it records what the others change
        options.ServerInterceptors.Add(_faults);
    }
}
