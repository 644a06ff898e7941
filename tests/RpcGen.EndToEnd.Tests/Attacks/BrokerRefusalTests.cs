using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>
/// Users without a permission that they need: a refusal by the broker is no lost connection. Another server of the same queue, whose user
/// has every permission, answers the neighbours meanwhile.
/// </summary>
public sealed class BrokerRefusalTests(PrivateRabbit broker) : AttackTest(broker), IClassFixture<PrivateRabbit>
{
    private static readonly DocumentedPermissions ReadOnly = new(@"^rpc\.cb\..*", "^$", @"^rpc\.cb\..*");

    private static readonly DocumentedPermissions Everything = new(".*", ".*", ".*");

    private static readonly DocumentedPermissions NoPublishing = new(".*", @"^(rpc\.|t\.).*", ".*");

    [Fact]
    public async Task A_caller_without_the_permission_to_publish_is_told_at_once_and_nothing_runs()
    {
        (Courier courier, Neighbours neighbours) = await ServeCourierAsync(Queue);
        string user = UserName();
        await using RpcConnection calling = await ConnectAsync(user, ReadOnly);
        ICourier client = calling.CreateClient<ICourier>(ClientOptions);

        RpcAccessDeniedException[] refusals = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(_ => Assert.ThrowsAsync<RpcAccessDeniedException>(() => client.AskAsync("no", Cancel)))).OrFail();

        Assert.All(refusals, refusal => Assert.Equal((true, RpcExecution.NotStarted, "Ask"), (refusal.IsBrokerRefusal, refusal.Execution, refusal.Method)));
        Assert.Contains($"user '{user}' write to exchange 'amq.default' (ACCESS_REFUSED", refusals[0].Message, StringComparison.Ordinal);
        Assert.Contains($"rabbitmqctl set_permissions {user}", refusals[0].Message, StringComparison.Ordinal);
        await neighbours.StopAsync();
        Assert.DoesNotContain("no", courier.Got);
        Assert.Equal(0, Log.Count(1)); // no channel of calls was closed
    }

    [Fact]
    public async Task A_server_without_the_permission_to_reply_takes_no_requests()
    {
        (_, Neighbours neighbours) = await ServeCourierAsync(Queue);
        string user = UserName();
        await using RpcConnection serving = await ConnectAsync(user, NoPublishing);

        var courier = new Courier();
        var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => serving.ServeAsync<ICourier>(courier, ServerOptions, Cancel));

        Assert.True(refusal.IsBrokerRefusal);
        Assert.Contains("replies could not be sent", refusal.Message, StringComparison.Ordinal);
        await neighbours.StopAsync();
        Assert.Equal(1, (await QueueStateAsync()).Consumers);
        Assert.Empty(courier.Got);
    }

    [Fact]
    public async Task A_server_that_loses_the_permission_to_reply_stops_and_says_so()
    {
        (_, Neighbours neighbours) = await ServeCourierAsync(Queue);
        string user = UserName();
        await using RpcConnection serving = await ConnectAsync(user, Everything);
        RpcServer server = await serving.ServeAsync<ICourier>(new Courier(), ServerOptions, Cancel);
        await SetPermissionsAsync(user, NoPublishing);

        await Node.CloseChannelsOfAsync(user); // RabbitMQ remembers permissions for as long as a minute, by channel

        var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => server.Completion.OrFail());
        Assert.True(refusal.IsBrokerRefusal);
        Assert.Equal(refusal.Message.TrimEnd('.'), server.NotServingReason);
        Assert.Equal(1, Log.Count(53));
        await neighbours.StopAsync();
        Assert.Equal(1, (await QueueStateAsync()).Consumers);
    }

    [Fact]
    public async Task A_server_that_loses_another_permission_serves_again_once_it_is_back()
    {
        (_, Neighbours neighbours) = await ServeCourierAsync(Queue);
        string user = UserName();
        await using RpcConnection serving = await ConnectAsync(user, Everything);
        RpcServer server = await serving.ServeAsync<ICourier>(new Courier(), ServerOptions, Cancel);
        await SetPermissionsAsync(user, new DocumentedPermissions("^$", ".*", ".*"));

        await Node.CloseChannelsOfAsync(user);

        await Wait.UntilAsync(() => server.NotServingReason?.Contains($"rabbitmqctl set_permissions {user}", StringComparison.Ordinal) == true, "the server says which permission it misses");
        Assert.False(server.Completion.IsCompleted);
        await SetPermissionsAsync(user, Everything);
        await Wait.UntilAsync(() => server.NotServingReason is null, "it serves again");
        Assert.Equal(0, Log.Count(53));
        Assert.Equal(2, (await QueueStateAsync()).Consumers);
        await server.StopAsync(Cancel);
        await neighbours.StopAsync();
    }

    [Fact]
    public async Task A_connection_whose_user_cannot_have_a_callback_queue_is_refused_by_name()
    {
        (_, Neighbours neighbours) = await ServeCourierAsync(Queue);

        var refusal = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => ConnectAsync(UserName(), new DocumentedPermissions("^$", ".*", ".*")));

        Assert.True(refusal.IsBrokerRefusal);
        Assert.Contains("access to queue 'rpc.cb.", refusal.Message, StringComparison.Ordinal);
        await neighbours.StopAsync();
    }

    private async Task<RpcConnection> ConnectAsync(string user, DocumentedPermissions permissions) =>
        await RpcConnection.ConnectAsync(await AddUserAsync(user, permissions), new RpcConnectionOptions { LoggerFactory = Log }, Cancel);
}
