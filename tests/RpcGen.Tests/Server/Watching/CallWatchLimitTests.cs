using RpcGen.Protocol;
using RpcGen.Server.Watching;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Watching;

/// <summary>Who can watch an instance, how, and for how long.</summary>
public sealed class CallWatchLimitTests : CallWatchTest
{
    [Fact]
    public async Task A_watch_ends_unless_it_is_renewed()
    {
        await ServeEchoAsync();
        await WatchAsync(expiration: "1000");
        Server.Time.Advance(TimeSpan.FromMilliseconds(900));
        await WatchAsync(id: "again", expiration: "2000");
        Server.Time.Advance(TimeSpan.FromMilliseconds(900));
        await CallAsync("x", "1");
        Assert.Equal("again", (await NextEventsAsync()).Id);

        Server.Time.Advance(TimeSpan.FromMilliseconds(1_000));

        Assert.Null(Server.Dispatcher.Watches.Active);
        await CallAsync("x", "2");
        Server.Time.Advance(CallWatches.MaxLifetime);
        Assert.Equal("4", (await AskAsync("$ping", "4")).Id);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("60001")]
    [InlineData("4294967294")]
    [InlineData("-1")]
    [InlineData("99999999999999999999999")]
    public async Task A_watch_lasts_a_minute_at_most(string? expiration)
    {
        await ServeEchoAsync();
        await WatchAsync(expiration: expiration);

        Server.Time.Advance(CallWatches.MaxLifetime - TimeSpan.FromMilliseconds(1));
        Assert.NotNull(Server.Dispatcher.Watches.Active);
        Server.Time.Advance(CallWatches.Interval);

        Assert.Null(Server.Dispatcher.Watches.Active);
    }

    [Fact]
    public async Task No_more_watches_than_the_limit_exist()
    {
        await ServeEchoAsync();
        for (int i = 0; i < CallWatches.MaxWatches; i++)
        {
            Assert.Null((await WatchAsync(replyTo: $"rpc.cb.{i}", expiration: i == 0 ? "1000" : null)).Type);
        }

        SentMessage refused = await WatchAsync();
        Assert.Equal("fault", refused.Type);
        Assert.Contains("urn:rpcgen:fault:overloaded", refused.Body, StringComparison.Ordinal);
        Assert.Null((await WatchAsync(replyTo: "rpc.cb.7")).Type); // the same again
        Server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null((await WatchAsync()).Type);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"method":7}""")]
    [InlineData("""{"failures":"yes"}""")]
    [InlineData("""{"method":"a","method":"b"}""")]
    [InlineData("long")]
    public async Task A_body_that_is_no_filter_is_refused(string body)
    {
        Server.Settings = Server.Settings with { MaxMessageBytes = 10_000 };
        await ServeEchoAsync();

        SentMessage refused = await WatchAsync(body: body == "long" ? $$"""{"method":"{{new string('x', WatchFilters.MaxBytes)}}"}""" : body);

        Assert.Contains("urn:rpcgen:fault:protocol", refused.Body, StringComparison.Ordinal);
        Assert.Null(Server.Dispatcher.Watches.Active);
    }

    [Fact]
    public async Task Through_the_queue_only_one_instance_would_be_watched()
    {
        await ServeEchoAsync();

        Server.Deliver(TestServer.Request(type: "$watch", body: "{}", tag: NextTag()));

        SentMessage refused = await Channel.NextReplyAsync();
        Assert.Contains("urn:rpcgen:fault:unsupported", refused.Body, StringComparison.Ordinal);
        Assert.Contains("q.cancel", refused.Body, StringComparison.Ordinal);
        Assert.Null(Server.Dispatcher.Watches.Active);
    }

    [Fact]
    public async Task Through_the_exchange_of_all_services_it_works_too()
    {
        await ServeEchoAsync();

        Assert.Null((await WatchAsync(exchange: "rpc.services")).Type);

        Assert.NotNull(Server.Dispatcher.Watches.Active);
    }

    [Fact]
    public async Task Events_go_to_no_request_queue()
    {
        await ServeEchoAsync();

        Ask("$watch", "1", replyTo: "Shop.Orders");
        await AskAsync("$ping", "2");

        Assert.Null(Server.Dispatcher.Watches.Active);
    }

    [Fact]
    public async Task A_policy_that_guards_the_description_guards_the_calls_too()
    {
        Server.DescriptionPolicy = "";
        await ServeEchoAsync();

        Assert.Contains("urn:rpcgen:fault:permission-denied", (await WatchAsync()).Body, StringComparison.Ordinal);

        Assert.Null(Server.Dispatcher.Watches.Active);
    }

    [Fact]
    public async Task The_last_calls_of_a_server_that_stops_are_told()
    {
        await ServeHeldAsync();
        await WatchAsync();
        Task draining = Server.Link.DrainAsync();
        Release.SetResult();

        await draining.Soon();

        Assert.Equal("1", (await Channel.NextReplyAsync()).Id);
        Assert.Equal(1, CountOf(await Channel.NextReplyAsync()));
        Server.Dispatcher.Watches.Stop();
        Assert.Null(Server.Dispatcher.Watches.Active);
        Assert.False(Server.Dispatcher.Watches.TryAdd(Eye, new CorrelationId("w"), new RpcWatchFilter(), CallWatches.MaxLifetime));
    }
}
