using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>The objects that run calls, and their lifetime.</summary>
public abstract class ScopeTests(ITestBroker broker) : HostingTest(broker)
{
    [Fact]
    public async Task Each_call_has_its_own_scope_that_is_disposed_after_it()
    {
        var journal = new Journal();
        ITroublemaker client = Client(await StartHostAsync(services => AddScoped(services, journal)));

        Assert.Equal("a", await client.DoAsync("a", Cancel).OrFail());
        Assert.Equal("b", await client.DoAsync("b", Cancel).OrFail());

        Assert.Equal(2, journal.Made);
        Assert.Equal(2, journal.Disposed); // before the reply
    }

    [Fact]
    public async Task The_scope_is_disposed_when_the_call_fails()
    {
        var journal = new Journal { Act = (_, _) => throw new InvalidOperationException("failed") };
        ITroublemaker client = Client(await StartHostAsync(services => AddScoped(services, journal)));

        await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("a", Cancel).OrFail());
        await Assert.ThrowsAsync<RpcRemoteException>(() => client.GetAwkwardAsync("unwritable", Cancel).OrFail());

        Assert.Equal(2, journal.Disposed);
    }

    [Fact]
    public async Task The_scope_is_disposed_when_the_call_is_cancelled()
    {
        var held = new TaskCompletionSource();
        var journal = new Journal
        {
            Act = async (text, token) =>
            {
                held.TrySetResult();
                await Task.Delay(Timeout.Infinite, token);
                return text;
            },
        };
        ITroublemaker client = Client(await StartHostAsync(services => AddScoped(services, journal)));
        using var giveUp = new CancellationTokenSource();
        Task<string> call = client.DoAsync("a", giveUp.Token);
        await held.Task.OrFail();
        Assert.Equal(0, journal.Disposed);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.OrFail());
        await Wait.UntilAsync(() => journal.Disposed == 1, "the scope is disposed");
    }

    [Fact]
    public async Task A_service_that_cannot_be_created_fails_the_call()
    {
        var journal = new Journal { IsBroken = true };
        ITroublemaker client = Client(await StartHostAsync(services => AddScoped(services, journal)));

        await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("a", Cancel).OrFail());

        Assert.Contains(Log.Lines, line => line.Contains("the journal is broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_scope_that_cannot_be_disposed_does_not_change_the_outcome()
    {
        var journal = new Journal { CannotBeDisposed = true };
        ITroublemaker client = Client(await StartHostAsync(services => AddScoped(services, journal)));

        Assert.Equal("a", await client.DoAsync("a", Cancel).OrFail());

        Assert.Equal(1, Log.Count(93));
    }

    [Fact]
    public async Task A_singleton_runs_all_calls_until_the_host_stops()
    {
        var journal = new Journal();
        IHost host = await StartHostAsync(services =>
        {
            services.AddSingleton(journal).AddSingleton<Resource>();
            services.AddRpcGen(Broker.Url)
                .AddService<ITroublemaker, SingleTroublemaker>(options => options.Queue = Queue, ServiceLifetime.Singleton)
                .AddClient<ITroublemaker>(options => options.Queue = Queue);
        });

        await Client(host).DoAsync("a", Cancel).OrFail();
        await Client(host).DoAsync("b", Cancel).OrFail();

        Assert.Equal((1, 0), (journal.Made, journal.Disposed));
        await host.StopAsync(Cancel).OrFail();
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.Equal(1, journal.Disposed);
    }

    [Fact]
    public async Task The_call_context_can_be_injected_only_within_a_call()
    {
        var journal = new Journal();
        IHost host = await StartHostAsync(services => AddScoped(services, journal));

        await Client(host).DoAsync("a", Cancel).OrFail();
        await using AsyncServiceScope scope = host.Services.CreateAsyncScope();
        InvalidOperationException e = Assert.Throws<InvalidOperationException>(scope.ServiceProvider.GetRequiredService<RpcCallContext>);

        Assert.Equal("Do", Assert.Single(journal.Methods));
        Assert.Contains("RpcCallContext.Current", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_disposed_without_a_stop_returns_its_calls()
    {
        var journal = new Journal();
        IHost client = await StartHostAsync(AddClient);
        IHost dying = await StartHostAsync(services => AddScoped(services, journal));
        IHost other = await StartHostAsync(services => AddScoped(services, journal));
        using var end = new CancellationTokenSource();
        Task<int>[] callers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            int calls = 0;
            for (; !end.IsCancellationRequested; calls++)
            {
                Assert.Equal("x", await Client(client).DoAsync("x", Cancel));
            }

            return calls;
        }))];

        await ((IAsyncDisposable)dying).DisposeAsync();
        Assert.Equal("x", await Client(client).DoAsync("x", Cancel).OrFail());
        await end.CancelAsync();

        await Task.WhenAll(callers).OrFail();
        GC.KeepAlive(other);
    }

    private void AddScoped(IServiceCollection services, Journal journal)
    {
        services.AddSingleton(journal).AddScoped<Resource>();
        services.AddRpcGen(Broker.Url)
            .AddService<ITroublemaker, ScopedTroublemaker>(options => options.Queue = Queue)
            .AddClient<ITroublemaker>(options => options.Queue = Queue);
    }

    public sealed class Journal
    {
        private int _made;
        private int _disposed;

        public Func<string, CancellationToken, Task<string>> Act { get; init; } = (text, _) => Task.FromResult(text);

        public bool IsBroken { get; init; }

        public bool CannotBeDisposed { get; init; }

        public int Made => Volatile.Read(ref _made);

        public int Disposed => Volatile.Read(ref _disposed);

        public ConcurrentQueue<string> Methods { get; } = new();

        public void OnMade() => Interlocked.Increment(ref _made);

        public void OnDisposed() => Interlocked.Increment(ref _disposed);
    }

    /// <summary>A dependency of a service, such as a database session.</summary>
    public sealed class Resource : IAsyncDisposable
    {
        private readonly Journal _journal;

        public Resource(Journal journal)
        {
            Assert.False(journal.IsBroken, "the journal is broken");
            _journal = journal;
            journal.OnMade();
        }

        public bool IsDisposed { get; private set; }

        public Func<string, CancellationToken, Task<string>> Act => _journal.Act;

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            IsDisposed = true;
            _journal.OnDisposed();
            if (_journal.CannotBeDisposed)
            {
                throw new InvalidOperationException("can't be disposed");
            }
        }
    }

    public abstract class ResourcefulTroublemaker(Resource resource) : ITroublemaker
    {
        public Task<string> DoAsync(string text, CancellationToken cancellationToken) => Run(text, cancellationToken);

        public Task<string> DoQuicklyAsync(string text, CancellationToken cancellationToken) => Run(text, cancellationToken);

        public Task<string> DoIdempotentlyAsync(string text, CancellationToken cancellationToken) => Run(text, cancellationToken);

        public Task<string> DoOnceAsync(string text, CancellationToken cancellationToken) => Run(text, cancellationToken);

        public Task<string> DoWithQuotaAsync(string text, CancellationToken cancellationToken) => Run(text, cancellationToken);

        public Task<Awkward> GetAwkwardAsync(string text, CancellationToken cancellationToken) => Task.FromResult(new Awkward(text));

        public Task<byte[]> GetBytesAsync(int count, CancellationToken cancellationToken) => Task.FromResult(new byte[count]);

        public Task<int> CountBytesAsync(byte[] bytes, CancellationToken cancellationToken) => Task.FromResult(bytes.Length);

        private async Task<string> Run(string text, CancellationToken cancellationToken)
        {
            string result = await resource.Act(text, cancellationToken);
            Assert.False(resource.IsDisposed);
            return result;
        }
    }

    public sealed class SingleTroublemaker(Resource resource) : ResourcefulTroublemaker(resource);

    public sealed class ScopedTroublemaker : ResourcefulTroublemaker
    {
        public ScopedTroublemaker(Resource resource, Journal journal, RpcCallContext context)
            : base(resource) => journal.Methods.Enqueue(context.Method.Name);
    }
}

public sealed class ScopeTestsInMemory(MemoryBroker broker) : ScopeTests(broker), IClassFixture<MemoryBroker>;

public sealed class ScopeTestsOnRabbitMq(SharedRabbit broker) : ScopeTests(broker);
