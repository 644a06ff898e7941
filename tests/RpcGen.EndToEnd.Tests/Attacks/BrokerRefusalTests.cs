using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Users without a permission that they need: a refusal by the broker is no lost connection.</summary>
public sealed class BrokerRefusalTests(PrivateRabbit broker) : AttackTest(broker)
{
    private static readonly DocumentedPermissions ReadOnly = new(@"^rpc\.cb\..*", "^$", @"^rpc\.cb\..*");

    private static readonly DocumentedPermissions Everything = new(".*", ".*", ".*");

    private static readonly DocumentedPermissions NoPublishing = new(".*", @"^(rpc\.|t\.).*", ".*");

    [Fact]
    public async Task A_caller_without_the_permission_to_publish_is_told_at_once_and_nothing_runs()
    {
        var calculator = new Calculator();
        await (await ConnectAsync()).ServeAsync<ICalculator>(calculator, ServerOptions, Cancel);
        string user = UserName();
        await using RpcConnection calling = await ConnectAsync(user, ReadOnly);
        ICalculator client = calling.CreateClient<ICalculator>(ClientOptions);

        RpcAccessDeniedException[] refusals = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(i => Assert.ThrowsAsync<RpcAccessDeniedException>(() => client.AddAsync(i, i, Cancel)))).OrFail();

        Assert.All(refusals, refusal => Assert.Equal((true, RpcExecution.NotStarted, "Add"), (refusal.IsBrokerRefusal, refusal.Execution, refusal.Method)));
        Assert.Contains($"user '{user}' write to exchange 'amq.default' (ACCESS_REFUSED", refusals[0].Message, StringComparison.Ordinal);
        Assert.Contains($"rabbitmqctl set_permissions {user}", refusals[0].Message, StringComparison.Ordinal);
        Assert.Equal(0, calculator.Calls);
        Assert.Equal(0, Log.Count(1)); // no channel of calls was closed
    }

    [Fact]
    public async Task A_server_without_the_permission_to_reply_takes_no_requests()
    {
        string user = UserName();
        await using RpcConnection serving = await ConnectAsync(user, NoPublishing);

        var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => serving.ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel));

        Assert.True(refusal.IsBrokerRefusal);
        Assert.Contains("replies could not be sent", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await QueueStateAsync()).Consumers);
    }

    [Fact]
    public async Task A_server_that_loses_the_permission_to_reply_stops_and_says_so()
    {
        string user = UserName();
        await using RpcConnection serving = await ConnectAsync(user, Everything);
        RpcServer server = await serving.ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel);
        await SetPermissionsAsync(user, NoPublishing);

        await Node.CloseChannelsAsync(); // RabbitMQ remembers permissions for as long as a minute, by channel

        var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => server.Completion.OrFail());
        Assert.True(refusal.IsBrokerRefusal);
        Assert.Equal(refusal.Message.TrimEnd('.'), server.NotServingReason);
        Assert.Equal(1, Log.Count(53));
        Assert.Equal(0, (await QueueStateAsync()).Consumers);
    }

    [Fact]
    public async Task A_server_that_loses_another_permission_serves_again_once_it_is_back()
    {
        string user = UserName();
        await using RpcConnection serving = await ConnectAsync(user, Everything);
        RpcServer server = await serving.ServeAsync<ICalculator>(new Calculator(), ServerOptions, Cancel);
        await SetPermissionsAsync(user, new DocumentedPermissions("^$", ".*", ".*"));

        await Node.CloseChannelsAsync();

        await Wait.UntilAsync(() => server.NotServingReason?.Contains($"rabbitmqctl set_permissions {user}", StringComparison.Ordinal) == true, "the server says which permission it misses");
        Assert.False(server.Completion.IsCompleted);
        await SetPermissionsAsync(user, Everything);
        await Wait.UntilAsync(() => server.NotServingReason is null, "it serves again");
        Assert.Equal(0, Log.Count(53));
        await server.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_connection_whose_user_cannot_have_a_callback_queue_is_refused_by_name()
    {
        var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => ConnectAsync(UserName(), new DocumentedPermissions("^$", ".*", ".*")));

        Assert.True(refusal.IsBrokerRefusal);
        Assert.Contains("access to queue 'rpc.cb.", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<RpcConnection> ConnectAsync(string user, DocumentedPermissions permissions) =>
        await RpcConnection.ConnectAsync(await AddUserAsync(user, permissions), new RpcConnectionOptions { LoggerFactory = Log }, Cancel);
}
