using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Testing;

namespace RpcGen.Tests.Testing;

/// <summary>The broker for tests: what it records, and what it breaks.</summary>
public sealed class RpcTestBrokerTests : IAsyncLifetime
{
    /// <summary>A pause that nothing else in the product takes.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(7.25);

    private readonly WatchedTime _time = new();
    private RpcTestBroker _broker = null!;
    private RpcConnection _connection = null!;
    private IOrders _orders = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = new RpcTestBroker(_time);
        _connection = await _broker.ConnectAsync(cancellationToken: Cancel);
        await _connection.ServeAsync<IOrders>(new Orders(), cancellationToken: Cancel);
        _orders = _connection.CreateClient<IOrders>();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Calls_are_recorded_with_types()
    {
        await _orders.PlaceAsync("book", 2, Cancel);
        RpcRecordedCall call = Assert.Single(_broker.Calls);
        Assert.Equal((typeof(IOrders), "Place", 2), (call.Contract, call.Method, call.Result));
        Assert.Equal(("book", 2), Assert.IsType<(string, int)>(call.Arguments));
        Assert.Null(call.Exception);

        using (_broker.Fail<IOrders>("Place", new SoldOutException("None left.")))
        {
            await Assert.ThrowsAsync<SoldOutException>(() => _orders.PlaceAsync("pen", 1, Cancel));
        }

        RpcRecordedCall failed = await _broker.WaitForCallAsync<IOrders>("Place", call => call.Exception is SoldOutException, Cancel);
        Assert.Null(failed.Result);
        await _orders.PlaceAsync("pen", 1, Cancel); // no longer failed
    }

    [Fact]
    public async Task Undeclared_exceptions_reach_callers_as_those_of_a_service()
    {
        using IDisposable fault = _broker.Fail<IOrders>("Place", new TimeZoneNotFoundException());
        RpcRemoteException e = await Assert.ThrowsAsync<RpcRemoteException>(() => _orders.PlaceAsync("pen", 1, Cancel));
        Assert.Equal("internal", e.Code);
        Assert.IsType<TimeZoneNotFoundException>(Assert.Single(_broker.Calls).Exception);
    }

    [Fact]
    public async Task Exceptions_of_RpcGen_are_thrown_before_anything_is_sent()
    {
        using IDisposable fault = _broker.Fail<IOrders>("Place", new RpcTimeoutException("Too late."));
        await Assert.ThrowsAsync<RpcTimeoutException>(() => _orders.PlaceAsync("pen", 1, Cancel));
        Assert.Empty(_broker.Calls);
    }

    [Fact]
    public async Task Delays_pass_by_the_clock_of_the_broker()
    {
        using IDisposable delay = _broker.Delay<IOrders>("Place", Pause);
        Task<int> call = _orders.PlaceAsync("pen", 1, Cancel);
        await _time.PauseStarted.WaitAsync(Cancel);
        Assert.Empty(_broker.Calls);
        Assert.False(call.IsCompleted);

        _time.Advance(Pause);

        Assert.Equal(1, await call);
    }

    [Fact]
    public async Task Waiting_finds_calls_to_come_and_ends_with_the_broker()
    {
        Task<RpcRecordedCall> shipped = _broker.WaitForCallAsync<IOrders>("Ship", call => call.Arguments[0] is 2, Cancel);
        Task<RpcRecordedCall> never = _broker.WaitForCallAsync<IOrders>("Place", cancellationToken: Cancel);
        await _orders.ShipAsync(1, Cancel);
        await _orders.ShipAsync(2, Cancel);
        Assert.Equal(2, (await shipped).Arguments[0]);
        Assert.False(never.IsCompleted);
        await _broker.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => never);
        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => _broker.WaitForCallAsync<IOrders>("Place", cancellationToken: given.Token));
    }

    [Fact]
    public async Task A_blocked_broker_takes_nothing_until_it_is_not()
    {
        Task ship;
        using (_broker.Block())
        using (_broker.Block())
        {
            await Task.Yield();
            ship = _orders.ShipAsync(1, Cancel);
            Assert.False(ship.IsCompleted);
        }

        await ship;
        await _broker.WaitForCallAsync<IOrders>("Ship", cancellationToken: Cancel);
    }

    [Fact]
    public void Unknown_methods_are_told() => Assert.Contains(
        "has no method 'Plaice'. Its methods on the wire: Place, Ship.",
        Assert.Throws<ArgumentException>(() => _broker.Delay<IOrders>("Plaice", TimeSpan.Zero)).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task Brokers_are_isolated_and_keyed_ones_can_be_told_apart()
    {
        await using var other = new RpcTestBroker();
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddKeyedRpcGen("a", "amqp://one").AddService<IOrders, Orders>();
        builder.Services.AddKeyedRpcGen("b", "amqp://two").AddClient<IOrders>();
        builder.Services.UseRpcTestBroker("a", other).UseRpcTestBroker("b", _broker);
        using IHost application = builder.Build();
        await application.StartAsync(Cancel);
        await application.Services.GetRequiredKeyedService<IOrders>("b").PlaceAsync("book", 1, Cancel);
        Assert.Single(_broker.Calls);
        Assert.Empty(other.Calls);
        await application.StopAsync(Cancel);
    }

    [Fact]
    public void A_test_call_is_current_until_it_is_left()
    {
        var user = new ClaimsPrincipal(new ClaimsIdentity("test"));
        Assert.Null(RpcCallContext.Current);
        using (new RpcTestCall { User = user, Timeout = TimeSpan.FromHours(1) }.Enter())
        {
            RpcCallContext context = RpcCallContext.Current!;
            Assert.Same(user, context.User);
            Assert.InRange(context.Remaining, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
            CancellationToken token = context.CancellationToken;
            using (new RpcTestCall().Enter())
            {
                Assert.NotSame(context, RpcCallContext.Current);
                Assert.Equal(Timeout.InfiniteTimeSpan, RpcCallContext.Current!.Remaining);
                Assert.False(RpcCallContext.Current.User.Identity!.IsAuthenticated);
            }

            Assert.Same(context, RpcCallContext.Current);
            Assert.False(token.IsCancellationRequested);
        }

        Assert.Null(RpcCallContext.Current);
    }

    /// <summary>Tells when the pause has started: only then can its time pass.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task PauseStarted => _started.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Pause)
            {
                _started.TrySetResult();
            }

            return timer;
        }
    }
}
