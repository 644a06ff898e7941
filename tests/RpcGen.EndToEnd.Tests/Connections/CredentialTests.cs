using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Connections;

/// <summary>Logins that change: OAuth 2 tokens, and passwords.</summary>
public sealed class CredentialTests(TokenRabbit broker) : FailureTest(broker), IClassFixture<TokenRabbit>
{
    private string Address => $"amqp://localhost:{new Uri(broker.Url).Port}/";

    [Theory]
    [InlineData("RS256")]
    [InlineData("HS256")]
    public async Task A_token_is_the_login(string algorithm)
    {
        DateTimeOffset until = DateTimeOffset.UtcNow.AddHours(1);
        await using RpcConnection connection = await ConnectAsync(_ => RpcCredentials.FromToken(algorithm == "RS256" ? broker.Issue(until) : broker.IssueBySecret(until)));

        await using RpcServer server = await connection.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        Assert.Equal("x", await connection.CreateClient<ITroublemaker>(ClientOptions).DoAsync("x", Cancel).OrFail());
    }

    [Fact]
    public async Task The_user_of_a_token_is_sent_if_it_is_given()
    {
        var options = new RpcConnectionOptions { SendBrokerUser = true };
        await using RpcConnection connection = await ConnectAsync(_ => new RpcCredentials("app", broker.Issue(DateTimeOffset.UtcNow.AddHours(1))), options);
        await using RpcServer server = await connection.ServeAsync<ITroublemaker>(
            new Troublemaker((_, _) => Task.FromResult(RpcCallContext.Current!.BrokerUser ?? "nobody")), ServerOptions, Cancel);

        Assert.Equal("app", await connection.CreateClient<ITroublemaker>(ClientOptions).DoAsync("x", Cancel).OrFail());
    }

    [Fact]
    public async Task A_refused_token_is_named_and_not_shown()
    {
        using var stranger = RSA.Create(2048);
        string token = TokenRabbit.Issue(DateTimeOffset.UtcNow.AddHours(1), stranger);

        var failed = await Assert.ThrowsAsync<RpcConnectionException>(() => ConnectAsync(_ => RpcCredentials.FromToken(token)));

        Assert.Contains("the broker refused the token; check that rabbitmq_auth_backend_oauth2 is among its auth_backends", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(token, failed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_renewed_before_its_end_without_a_break()
    {
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(8);
        int asked = 0;
        await using RpcConnection connection = await ConnectAsync(_ =>
        {
            DateTimeOffset until = Interlocked.Increment(ref asked) == 1 ? end : DateTimeOffset.UtcNow.AddHours(1);
            return RpcCredentials.FromToken(broker.Issue(until), until);
        });
        string before = await ConnectionsAsync();

        await Wait.UntilAsync(() => Log.Count(9) > 0 && DateTimeOffset.UtcNow > end.AddSeconds(1), "the token was renewed, and the first one is over");

        // The broker checks the permission to declare with the token that it has now.
        await using RpcServer server = await connection.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        Assert.Equal("x", await connection.CreateClient<ITroublemaker>(new RpcClientOptions { Queue = Queue }).DoAsync("x", Cancel).OrFail());
        Assert.Contains(before, await ConnectionsAsync(), StringComparison.Ordinal);
        Assert.Equal(0, Log.Count(1));

        Task<string> ConnectionsAsync() => broker.EvalAsync("[P || P <- rabbit_networking:connections(), [{client_properties, C}] <- [rabbit_networking:connection_info(P, [client_properties])], lists:keyfind(<<\"connection_name\">>, 1, C) =:= {<<\"connection_name\">>, longstr, <<\"renewed (calls)\">>}].");
    }

    [Fact]
    public async Task A_server_whose_token_has_expired_serves_again_with_the_next_one()
    {
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(6);
        bool isDown = false;
        await using RpcConnection serving = await ConnectAsync(_ =>
        {
            DateTimeOffset until = DateTimeOffset.UtcNow < end ? end : DateTimeOffset.UtcNow.AddHours(1);
            return Volatile.Read(ref isDown) ? throw new IOException("the identity provider is down") : RpcCredentials.FromToken(broker.Issue(until), until);
        });
        await using RpcServer server = await serving.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel);
        await using RpcConnection calling = await RpcConnection.ConnectAsync(broker.Url, cancellationToken: Cancel);
        ITroublemaker client = calling.CreateClient<ITroublemaker>(ClientOptions);
        Assert.Equal("x", await client.DoAsync("x", Cancel).OrFail());
        Volatile.Write(ref isDown, true);

        await Wait.UntilAsync(() => Log.Lines.Any(IsEndOfCredentials), "the connection was closed after the token's end");
        await Wait.UntilAsync(() => Log.Lines.Any(line => line.StartsWith("[3]", StringComparison.Ordinal) && line.Contains("the identity provider is down", StringComparison.Ordinal)), "the next connection asked for a token");
        Volatile.Write(ref isDown, false);

        Assert.Equal("y", await client.With(timeout: Wait.Bound).DoAsync("y", Cancel).OrFail());
        Assert.False(server.Completion.IsCompleted);
        Assert.Equal(0, Log.Count(53));
    }

    [Fact]
    public async Task A_password_that_was_changed_is_used_from_the_next_connection_on()
    {
        await broker.EvalAsync(
            "rabbit_auth_backend_internal:add_user(<<\"ann\">>, <<\"one\">>, <<\"test\">>), " +
            "rabbit_auth_backend_internal:set_permissions(<<\"ann\">>, <<\"/\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>).");
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("ConnectionStrings:rabbit", (string?)Address.Replace("//", "//ann:one@", StringComparison.Ordinal))]);
        builder.Services.AddSingleton<ILoggerFactory>(Log);
        builder.Services.AddRpcGen("rabbit").AddClient<ITroublemaker>(options => options.Queue = Queue)
            .AddService<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), options => options.Queue = Queue);
        using IHost host = builder.Build();
        await host.StartAsync(Cancel);
        var client = host.Services.GetRequiredService<ITroublemaker>();
        Assert.Equal("x", await client.DoAsync("x", Cancel).OrFail());

        await broker.EvalAsync("rabbit_auth_backend_internal:change_password(<<\"ann\">>, <<\"two\">>, <<\"test\">>).");
        await broker.CloseConnectionsAsync();
        await Wait.UntilAsync(() => Log.Count(3) >= 4, "several attempts were refused");
        Assert.Equal(1, Log.Count(8));
        Assert.Contains(Log.Lines, line => line.Contains("ConnectionStrings:rabbit is read again at each attempt", StringComparison.Ordinal));

        host.Services.GetRequiredService<IConfiguration>()["ConnectionStrings:rabbit"] = Address.Replace("//", "//ann:two@", StringComparison.Ordinal);

        Assert.Equal("y", await client.With(timeout: Wait.Bound).DoAsync("y", Cancel).OrFail());
        await host.StopAsync(Cancel);
    }

    /// <summary>Newer brokers close such a connection themselves, and can be first.</summary>
    private static bool IsEndOfCredentials(string line) =>
        line.Contains("its credentials were valid until", StringComparison.Ordinal) || line.Contains("credential expired", StringComparison.Ordinal);

    private Task<RpcConnection> ConnectAsync(Func<CancellationToken, RpcCredentials> credentials, RpcConnectionOptions? options = null) => RpcConnection.ConnectAsync(
        Address,
        new RpcConnectionOptions(options ?? new RpcConnectionOptions())
        {
            ConnectionName = "renewed",
            LoggerFactory = Log,
            Credentials = cancellationToken => ValueTask.FromResult(credentials(cancellationToken)),
        },
        Cancel).OrFail();
}
