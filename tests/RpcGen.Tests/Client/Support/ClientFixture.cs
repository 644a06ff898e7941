using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Client;
using RpcGen.Client.Calls;
using RpcGen.Connections;
using RpcGen.Generated;
using RpcGen.Runtime;
using RpcGen.Serialization;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Support;

/// <summary>A session on a fake connection, with a clock that stands still until a test moves it.</summary>
public abstract class ClientFixture : IAsyncLifetime
{
    private static readonly RpcJson Json = RpcJsonFactory.Create([], new RpcContract("q"));

    private readonly Queue<FakeConnection> _next = new();
    private Supervisor<ITransportConnection> _connections = null!;
    private CallSession _session = null!;
    private FakeConnection _connection = null!;

    private protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private protected RecordingLogger Log { get; } = new();

    private protected CountingRandom Random { get; } = new();

    private protected virtual SessionSettings Settings { get; } = new("the broker", MaxMessageBytes: 15 << 20, Batching: true);

    private protected CallSession Session => _session;

    private protected Supervisor<ITransportConnection> Connections => _connections;

    private protected RpcEnvironment Environment => new(Time, Random, Log);

    private protected FakeConnection Connection => _connection;

    /// <summary>The channel that calls go out on.</summary>
    private protected FakeChannel Channel => _connection.Calls;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected static RequestRoute Route { get; } = RequestRoute.ToQueue("q", RpcBodyStyle.Object);

    public virtual async ValueTask InitializeAsync()
    {
        _next.Enqueue(_connection = new FakeConnection());
        _connections = new Supervisor<ITransportConnection>("The connection", _ => OpenAsync(), Environment);
        _session = new CallSession(Settings, _connections, Environment);
        await _connections.StartAsync(Cancel).WaitAsync(Bounds.Soon, Cancel);
        await _session.StartAsync(Cancel).WaitAsync(Bounds.Soon, Cancel);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _connections.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Waits for a condition.</summary>
    private protected static async Task Until(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Bounds.Soon, "The condition did not come true.");
            await Task.Delay(1, Cancel);
        }
    }

    /// <summary>Moves the clock in steps until a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="step">The length of a step. Default: 10 ms.</param>
    private protected Task AdvanceUntil(Func<bool> condition, TimeSpan? step = null) => Until(() =>
    {
        if (condition())
        {
            return true;
        }

        Time.Advance(step ?? TimeSpan.FromMilliseconds(10));
        return false;
    });

    /// <summary>Loses the connection.</summary>
    private protected async Task LoseAsync(string reason = "torn")
    {
        _connection.Close(reason);
        await Until(() => _session.Link is null && _session.UnavailableReason is not null && _connections.Current is null);
    }

    /// <summary>Opens the next connection, at once as far as the clock goes.</summary>
    private protected async Task ReopenAsync(Action<FakeConnection>? prepare = null)
    {
        var connection = new FakeConnection();
        prepare?.Invoke(connection);
        lock (_next)
        {
            _next.Enqueue(connection);
        }

        _connection = connection;
        await Until(() =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(20));
            return _connections.Current == connection && _session.UnavailableReason is null && connection.Channels.Any(channel => channel.Consumer is not null);
        });
    }

    private protected RpcCaller<int, TResult> Caller<TResult>(TestMethod<TResult> method, ClientSettings? settings = null, RpcBodyStyle bodyStyle = RpcBodyStyle.Object, bool failFast = false) =>
        new ClientBinder(_session, new RpcContract("q") { BodyStyle = bodyStyle, FailFast = failFast }, settings ?? new ClientSettings(), Json).Bind(method);

    private protected Task<TResult> Call<TResult>(TestMethod<TResult> method, RpcCallOptions? options = null, int argument = 1) =>
        Caller(method).CallAsync(options ?? RpcCallOptions.None, argument, CancellationToken.None).AsTask();

    private protected Task<TResult> CallCancellably<TResult>(TestMethod<TResult> method, RpcCallOptions options, CancellationToken cancellationToken) =>
        Caller(method).CallAsync(options, 1, cancellationToken).AsTask();

    /// <summary>The exception of a task that has failed or is about to.</summary>
    private protected static async Task<TException> Fails<TException>(Task task)
        where TException : Exception =>
        await Assert.ThrowsAsync<TException>(() => task.WaitAsync(Bounds.Soon, Cancel));

    /// <summary>The result of a task that is about to complete.</summary>
    private protected static Task<T> Gets<T>(Task<T> task) => task.WaitAsync(Bounds.Soon, Cancel);

    private Task<ITransportConnection> OpenAsync()
    {
        lock (_next)
        {
            return _next.TryDequeue(out FakeConnection? next)
                ? Task.FromResult<ITransportConnection>(next)
                : Task.FromException<ITransportConnection>(new RpcConnectionException("no broker."));
        }
    }
}

/// <summary>Counts instead of guessing.</summary>
internal sealed class CountingRandom : IRandomSource
{
    private long _last;

    public ulong NextBits() => (ulong)Interlocked.Increment(ref _last) << 8;
}
