using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interceptors.Examples;
using RpcGen.Hosting;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>Interceptors that the container creates.</summary>
public abstract class HostedInterceptorTests(ITestBroker broker) : HostingTest(broker)
{
    [Fact]
    public async Task Interceptors_are_created_by_the_container_and_run_in_registration_order()
    {
        var journal = new ConcurrentQueue<string>();
        IHost host = await StartHostAsync(services =>
        {
            services.AddSingleton(journal);
            AddTroublemaker(services, (text, _) => Task.FromResult(text));
            AddClient(services);
            services.AddRpcGen(Broker.Url)
                .AddClientInterceptor<First>().AddClientInterceptor<Second>()
                .AddServerInterceptor<First>().AddServerInterceptor<Second>();
        });

        Assert.Equal("x", await Client(host).DoAsync("x", Cancel).OrFail());

        Assert.Equal(["client First", "client Second", "server First", "server Second"], journal);
        Assert.NotNull(host.Services.GetService<First>());
    }

    [Fact]
    public async Task The_policies_of_an_application_decide_who_can_call()
    {
        IHost host = await StartHostAsync(
            services =>
            {
                services.AddAuthorization(options =>
                {
                    options.AddPolicy("read", policy => policy.RequireAuthenticatedUser());
                    options.AddPolicy("write", policy => policy.RequireAssertion(context => context.Resource is RpcCallContext call && call.Metadata.ContainsKey("reason")));
                });
                services.AddRpcGen(Broker.Url)
                    .AddService<IStock, Stock>(options => options.Queue = Queue)
                    .AddAuthenticator<BrokerUsers>()
                    .AddAuthorizer<AspNetPolicies>();
            });
        IStock unknown = (await ConnectAsync()).CreateClient<IStock>(ClientOptions);
        IStock known = (await ConnectAsync(new RpcConnectionOptions { SendBrokerUser = true })).CreateClient<IStock>(ClientOptions);

        RpcAccessDeniedException nobody = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => unknown.CountAsync("nut", Cancel).OrFail());
        RpcAccessDeniedException unreasonable = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => known.TakeAsync("nut", 1, Cancel).OrFail());

        Assert.Contains("'read'", nobody.Message, StringComparison.Ordinal);
        Assert.Contains("'write'", unreasonable.Message, StringComparison.Ordinal);
        Assert.Equal(10, await known.CountAsync("nut", Cancel).OrFail());
        await known.With(metadata: new() { ["reason"] = "sold" }).TakeAsync("nut", 1, Cancel).OrFail();
        Assert.NotNull(host);
    }

    [Fact]
    public async Task A_check_is_made_in_the_scope_of_its_call()
    {
        var journal = new ConcurrentQueue<string>();
        IClub client = await StartClubAsync(journal, builder => builder.AddService<IClub, Lounge>(options => options.Queue = Queue));

        Assert.Equal("ann", await client.With(metadata: new() { ["name"] = "ann" }).EnterAsync(Cancel).OrFail()); // the service got the authenticator's session
        await Assert.ThrowsAsync<RpcAccessDeniedException>(() => client.EnterAsync(Cancel).OrFail());

        await Wait.UntilAsync(() => journal.Count == 2, "each session is disposed with its call");
        Assert.Equal(["", "ann"], journal.Order());
    }

    [Fact]
    public async Task A_check_for_a_service_without_scopes_has_a_scope_of_its_own()
    {
        var journal = new ConcurrentQueue<string>();
        IClub client = await StartClubAsync(journal, builder => builder.AddService<IClub>(new Club(), options => options.Queue = Queue));

        Assert.Equal("ann", await client.With(metadata: new() { ["name"] = "ann" }).EnterAsync(Cancel).OrFail());
        await Assert.ThrowsAsync<RpcAccessDeniedException>(() => client.EnterAsync(Cancel).OrFail());

        await Wait.UntilAsync(() => journal.Count == 2, "each session is disposed with its check");
    }

    [Fact]
    public void A_scoped_interceptor_is_refused()
    {
        var services = new ServiceCollection();
        services.AddScoped<First>();
        RpcGenBuilder builder = services.AddRpcGen(Broker.Url);

        string ofClients = Assert.Throws<InvalidOperationException>(() => builder.AddClientInterceptor<First>()).Message;
        string ofServers = Assert.Throws<InvalidOperationException>(() => builder.AddServerInterceptor<First>()).Message;

        Assert.Contains("First was added to the services as Scoped", ofClients, StringComparison.Ordinal);
        Assert.Contains("let it create a scope", ofClients, StringComparison.Ordinal);
        Assert.Contains("First was added to the services as Scoped", ofServers, StringComparison.Ordinal);
        Assert.Contains("ServiceLifetime.Scoped", ofServers, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ServiceLifetime.Scoped)]
    [InlineData(ServiceLifetime.Transient)]
    public async Task An_interceptor_of_a_call_shares_the_scope_of_its_service(ServiceLifetime lifetime)
    {
        var journal = new ConcurrentQueue<string>();
        IClub client = await StartClubAsync(journal, builder => builder.AddService<IClub, Lounge>(options => options.Queue = Queue).AddServerInterceptor<Cloakroom>(lifetime));

        Assert.Equal("ann 1", await client.With(metadata: new() { ["name"] = "ann" }).EnterAsync(Cancel).OrFail());
        Assert.Equal("bob 1", await client.With(metadata: new() { ["name"] = "bob" }).EnterAsync(Cancel).OrFail()); // another one, not the same again

        await Wait.UntilAsync(() => journal.Count == 2, "each session is disposed with its call");
        Assert.Equal(["ann 1", "bob 1"], journal.Order());
    }

    [Fact]
    public async Task An_interceptor_of_a_call_for_a_service_without_scopes_has_a_scope_of_its_own()
    {
        var journal = new ConcurrentQueue<string>();
        IClub client = await StartClubAsync(journal, builder => builder.AddService<IClub>(new Club(), options => options.Queue = Queue).AddServerInterceptor<Cloakroom>(ServiceLifetime.Scoped));

        Assert.Equal("ann", await client.With(metadata: new() { ["name"] = "ann" }).EnterAsync(Cancel).OrFail());

        await Wait.UntilAsync(() => journal.Count == 2, "the sessions of the check and of the interceptor are disposed");
        Assert.Equal([" 1", "ann"], journal.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_lifetime_that_does_not_exist_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServiceCollection().AddRpcGen(Broker.Url).AddServerInterceptor<First>((ServiceLifetime)7));

    public sealed class Session(ConcurrentQueue<string> journal) : IDisposable
    {
        public string Name { get; set; } = "";

        public void Dispose() => journal.Enqueue(Name);
    }

    public sealed class Doorman(Session session) : IRpcAuthenticator
    {
        public ValueTask<ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context)
        {
            session.Name = context.Metadata.GetValueOrDefault("name", "");
            return new(session.Name.Length == 0 ? null : new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, session.Name)], "token")));
        }
    }

    /// <summary>Counts how many calls it has seen.</summary>
    public sealed class Cloakroom(Session session) : IRpcServerInterceptor
    {
        private int _calls;

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct
        {
            session.Name += $" {++_calls}";
            return next(call);
        }
    }

    public sealed class Lounge(Session session) : IClub
    {
        public Task<string> EnterAsync(CancellationToken cancellationToken) => Task.FromResult(session.Name);

        public Task<string> LookAsync(CancellationToken cancellationToken) => Task.FromResult("");
    }

    private async Task<IClub> StartClubAsync(ConcurrentQueue<string> journal, Action<RpcGenBuilder> addService)
    {
        await StartHostAsync(services =>
        {
            services.AddSingleton(journal).AddScoped<Session>();
            addService(services.AddRpcGen(Broker.Url).AddAuthenticator<Doorman>());
        });
        return (await ConnectAsync()).CreateClient<IClub>(ClientOptions);
    }

    private abstract class Recording(ConcurrentQueue<string> journal) : IRpcClientInterceptor, IRpcServerInterceptor
    {
        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct
        {
            journal.Enqueue($"client {GetType().Name}");
            return next(call);
        }

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct
        {
            journal.Enqueue($"server {GetType().Name}");
            return next(call);
        }
    }

    private sealed class First(ConcurrentQueue<string> journal) : Recording(journal);

    private sealed class Second(ConcurrentQueue<string> journal) : Recording(journal);
}

public sealed class HostedInterceptorTestsInMemory(MemoryBroker broker) : HostedInterceptorTests(broker), IClassFixture<MemoryBroker>;

public sealed class HostedInterceptorTestsOnRabbitMq(SharedRabbit broker) : HostedInterceptorTests(broker);
