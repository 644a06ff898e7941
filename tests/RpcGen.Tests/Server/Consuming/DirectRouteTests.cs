using RpcGen.Server.Consuming;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>Which messages came straight from the user that they name.</summary>
public sealed class DirectRouteTests
{
    private static readonly DirectRoute Requests = DirectRoute.OfRequests("q");

    [Theory]
    [InlineData("", "q", true)]
    [InlineData("", "Q", false)] // bound with another key, or a copy (CC)
    [InlineData("", "", false)]
    [InlineData("amq.direct", "q", false)]
    [InlineData("q.broadcast", "q", false)]
    [InlineData(null, null, false)]
    public void Requests_come_through_the_default_exchange(string? exchange, string? routingKey, bool isDirect) =>
        Assert.Equal(isDirect, Requests.IsWayOf(new IncomingMessage { Exchange = exchange, RoutingKey = routingKey }));

    [Theory]
    [InlineData("", "q", true)]
    [InlineData("q.requests", "q", true)]
    [InlineData("q.requests", "other", false)]
    [InlineData("rogue", "q", false)] // bound to the service's exchange
    public void With_an_exchange_of_its_own_requests_come_through_that_too(string exchange, string routingKey, bool isDirect) =>
        Assert.Equal(isDirect, DirectRoute.OfRequests("q", "q.requests").IsWayOf(new IncomingMessage { Exchange = exchange, RoutingKey = routingKey }));

    [Theory]
    [InlineData(null, "", false, false)]
    [InlineData("q.broadcast", "", true, false)]
    [InlineData("q.broadcast", "any", true, false)]
    [InlineData("rogue.broadcast", "", false, false)] // bound to q.broadcast
    [InlineData("rpc.cb.x", "", false, false)]
    [InlineData("", "q", false, false)]
    [InlineData("q.cancel", "", false, true)]
    public void Other_queues_have_their_own_exchange(string? exchange, string routingKey, bool isBroadcast, bool isForInstances)
    {
        var message = new IncomingMessage { Exchange = exchange, RoutingKey = routingKey };

        Assert.Equal(isBroadcast, DirectRoute.OfBroadcasts("q").IsWayOf(in message));
        Assert.Equal(isForInstances, DirectRoute.OfInstances("q").IsWayOf(in message));
    }

    [Theory]
    [InlineData("x-death", false)]
    [InlineData("x-first-death-queue", false)]
    [InlineData("x-first-death-reason", false)]
    [InlineData("x-last-death-exchange", false)]
    [InlineData("x-received-from", false)]
    [InlineData("x-shovelled", false)]
    [InlineData("x-shovelled-timestamp", false)]
    [InlineData("CC", false)]
    [InlineData("BCC", false)]
    [InlineData("x-delivery-count", true)] // quorum queues add it from the first delivery on
    [InlineData("x-acquired-count", true)]
    [InlineData("traceparent", true)]
    [InlineData("tenant", true)]
    public void Headers_tell_of_a_detour(string header, bool isDirect)
    {
        foreach (object? value in new object?[] { null, "", 0, new List<object?>() })
        {
            var headers = new Dictionary<string, object?> { ["first"] = "1", [header] = value };
            Assert.Equal(isDirect, Requests.IsWayOf(new IncomingMessage { Exchange = "", RoutingKey = "q", Headers = headers }));
        }
    }

    [Fact]
    public async Task A_request_by_a_detour_is_anonymous_and_says_so_in_the_log()
    {
        var server = new TestServer();
        string? user = "nobody asked";
        server.Serve((text, _) =>
        {
            user = RpcCallContext.Current!.BrokerUser;
            return new(text);
        });

        await RunAsync(TestServer.Request() with { Exchange = "", RoutingKey = "q", UserId = "admin" });
        Assert.Equal("admin", user);
        Assert.DoesNotContain(52, server.Log.Ids);

        await RunAsync(TestServer.Request(tag: 2) with { Exchange = "rogue", RoutingKey = "q", UserId = "admin" });
        Assert.Null(user);
        Assert.Contains("'rogue'", server.Log.Text(52), StringComparison.Ordinal);

        async Task RunAsync(IncomingMessage message)
        {
            server.Deliver(message);
            await server.Channel.NextReplyAsync();
        }
    }
}
