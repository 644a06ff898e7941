using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.AspNetCore;

/// <summary>How a caller reaches the handler, and who is refused.</summary>
public sealed class CallerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory(Timeout = Bounds.TestTimeout)]
    [InlineData("/who", "Bearer Ada", HttpStatusCode.OK, "Ada test -")]
    [InlineData("/who", "bearer  Ada ", HttpStatusCode.OK, "Ada test -")]
    [InlineData("/who", null, HttpStatusCode.OK, "nobody unknown -")]
    [InlineData("/who", "Basic Ada", HttpStatusCode.OK, "nobody unknown -")]
    [InlineData("/who", "Bearer forged", HttpStatusCode.Unauthorized, "")]
    [InlineData("/who", "Bearer unsure", HttpStatusCode.Unauthorized, "")]
    [InlineData("/deliver", "Bearer clerk-Bob", HttpStatusCode.OK, "clerk-Bob test -")]
    [InlineData("/deliver", "Bearer Ada", HttpStatusCode.Forbidden, "")]
    [InlineData("/deliver", null, HttpStatusCode.Unauthorized, "")]
    public async Task The_token_of_the_request_is_verified_at_the_service(string path, string? token, HttpStatusCode status, string answer)
    {
        await using DoorApplication application = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : AuthenticationHeaderValue.Parse(token);

        using HttpResponseMessage response = await application.Client.SendAsync(request, Cancel);

        Assert.Equal(status, response.StatusCode);
        if (status == HttpStatusCode.OK)
        {
            Assert.Equal(answer, await response.Content.ReadAsStringAsync(Cancel));
        }
        else
        {
            Assert.Empty(application.Broker.Calls);
        }
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_refused_token_is_not_shown()
    {
        await using DoorApplication application = await StartAsync();
        await using RpcConnection connection = await application.Broker.ConnectAsync(cancellationToken: Cancel);
        IDoor door = connection.CreateClient<IDoor>().With(metadata: new RpcMetadata { ["authorization"] = "Bearer forged" });

        RpcAccessDeniedException refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => door.WhoAsync(Cancel));

        Assert.True(refusal.IsUnauthenticated);
        Assert.DoesNotContain("forged", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_call_keeps_a_token_of_its_own()
    {
        await using DoorApplication application = await StartAsync(services => services.AddRpcGen().AddClient<IDoor>(options => options.Interceptors.Add(new OwnToken())));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/who") { Headers = { Authorization = new("Bearer", "Ada") } };

        using HttpResponseMessage response = await application.Client.SendAsync(request, Cancel);

        Assert.Equal("Own test -", await response.Content.ReadAsStringAsync(Cancel));
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [InlineData("clerk-Eve@", true)]
    [InlineData("Eve@", false)]
    [InlineData("", false)]
    public async Task Policies_know_the_brokers_user(string user, bool isAllowed)
    {
        await using DoorApplication application = await StartAsync();
        string address = application.Broker.ConnectionString.Replace("//", "//" + user, StringComparison.Ordinal);
        await using RpcConnection connection = await RpcConnection.ConnectAsync(address, new RpcConnectionOptions { SendBrokerUser = user.Length > 0 }, Cancel);
        IDoor door = connection.CreateClient<IDoor>();

        if (isAllowed)
        {
            Assert.Equal("nobody unknown clerk-Eve", await door.DeliverAsync(Cancel));
        }
        else
        {
            Assert.Equal(user.Length == 0, (await Assert.ThrowsAsync<RpcAccessDeniedException>(() => door.DeliverAsync(Cancel))).IsUnauthenticated);
        }
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Bearer_authentication_without_a_check_does_not_start()
    {
        OptionsValidationException invalid = await Assert.ThrowsAsync<OptionsValidationException>(() => DoorApplication.StartAsync(services => services.AddRpcGen("amqp://localhost").AddBearerAuthentication(options => options.MetadataName = "").AddService<IDoor, Door>().AddAspNetCoreAuthorization()));

        Assert.Equal(2, invalid.Failures.Count());
        Assert.Contains("set Validate", invalid.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requirement_handlers_get_the_call()
    {
        await using DoorApplication application = await StartAsync(services => services.AddSingleton<IAuthorizationHandler, SeenCalls>());
        await using RpcConnection connection = await application.Broker.ConnectAsync(cancellationToken: Cancel);

        await connection.CreateClient<IDoor>().With(metadata: new RpcMetadata { ["authorization"] = "Bearer clerk-Bob" }).DeliverAsync(Cancel);

        Assert.Equal("Deliver", SeenCalls.Last);
    }

    private static Task<DoorApplication> StartAsync(Action<IServiceCollection>? more = null) => DoorApplication.StartAsync(services =>
    {
        services.AddRpcGenProblemDetails();
        services.AddAuthorization(options => options.AddPolicy("clerk", policy => policy.RequireAssertion(context => context.User.Identity?.Name?.StartsWith("clerk-", StringComparison.Ordinal) ?? false)));
        services.AddRpcGen("amqp://localhost")
            .AddService<IDoor, Door>()
            .AddBearerAuthentication(options => options.Validate = VerifyAsync)
            .AddAspNetCoreAuthorization();
        more?.Invoke(services);
        services.AddRpcGen().AddClient<IDoor>().ForwardBearerToken();
    });

    /// <summary>Stands for the check of a signature.</summary>
    private static ValueTask<ClaimsPrincipal?> VerifyAsync(string token, CancellationToken cancellationToken) => new(token switch
    {
        "forged" => null,
        "unsure" => new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, token)])),
        _ => new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, token)], "test")),
    });

    private sealed class OwnToken : IRpcClientInterceptor
    {
        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct
        {
            call.Metadata["authorization"] = "Bearer Own";
            return next(call);
        }
    }

    private sealed class SeenCalls : IAuthorizationHandler
    {
        public static string? Last { get; private set; }

        public Task HandleAsync(AuthorizationHandlerContext context)
        {
            Last = ((RpcCallContext)context.Resource!).Method.Name;
            return Task.CompletedTask;
        }
    }
}
