using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Server;
using RpcGen.Transport;

namespace RpcGen.Tests.Server;

public sealed class ServiceHostTests
{
    private readonly TestServer _server = new();
    private readonly List<ScriptedConnection> _opened = [];
    private readonly Supervisor<ITransportConnection> _connections;
    private readonly ServiceHost _host;
    private Func<ScriptedChannel> _createChannel = () => new ScriptedChannel();
    private Func<string, Task> _onProbe = _ => Task.CompletedTask;
    private bool _isStopped;

    public ServiceHostTests()
    {
        _server.Serve((text, _) => new(text));
        _connections = new Supervisor<ITransportConnection>("connection", _ => Task.FromResult<ITransportConnection>(Open()), _server.Environment);
        _host = Create();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_once_started_and_stops_once()
    {
        await StartAsync();
        Assert.Equal(("q", null), (_host.Queue, _host.NotServingReason));
        Assert.Contains(44, _server.Log.Ids);
        ScriptedChannel channel = Serving();
        channel.Consumers["q"].Consumer.OnDelivered(TestServer.Request());
        Assert.Equal("1", (await channel.NextReplyAsync()).Id);

        await Task.WhenAll(_host.StopAsync(Cancel), _host.StopAsync(Cancel), _host.DisposeAsync().AsTask()).Soon();

        Assert.True(_isStopped && _host.Completion.IsCompletedSuccessfully && channel.IsDisposed);
        Assert.NotNull(_host.NotServingReason);
    }

    [Fact]
    public async Task A_refused_queue_fails_the_start()
    {
        _createChannel = () => new ScriptedChannel { Before = what => what == "consume q" ? throw new TransportRefusedException(403, "no access") : Task.CompletedTask };

        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(StartAsync);

        Assert.True(refused.IsBrokerRefusal);
        Assert.StartsWith("Queue 'q' cannot be served: test broker refused it to user 'ada' (no access). Grant", refused.Message, StringComparison.Ordinal);
        Assert.True(_opened[0].Channels[^1].IsDisposed);
        await _host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public async Task An_exchange_that_went_with_its_last_queue_is_declared_again()
    {
        int failures = 1;
        _createChannel = () => new ScriptedChannel
        {
            Before = what => what.StartsWith("bind", StringComparison.Ordinal) && failures-- > 0 ? throw new TransportRefusedException(404, "no exchange") : Task.CompletedTask,
        };

        await StartAsync();

        Assert.NotNull(Serving());
        await _host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public async Task After_a_loss_it_serves_on_the_next_channel()
    {
        await StartAsync();
        ScriptedChannel lost = Serving();

        lost.Close();

        await AdvanceUntil(() => Serving() != lost && _host.NotServingReason is null);
        Assert.True(lost.IsDisposed);
        await _host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public async Task A_connection_that_is_lost_during_the_start_fails_it()
    {
        _createChannel = () => new ScriptedChannel { Before = what => what == "consume q" ? throw new TransportClosedException(new TransportClosure("lost"), nothingSent: true) : Task.CompletedTask };

        await Assert.ThrowsAsync<RpcConnectionException>(StartAsync);
        await _host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public async Task The_token_ends_the_grace_period()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var never = new TaskCompletionSource<string>();
        var server = new TestServer();
        server.Serve((_, _) =>
        {
            started.SetResult();
            return new(never.Task);
        });
        var host = new ServiceHost(server.Settings, server.Handlers, server.Environment, descriptionAccess: null, _connections, _connections);
        await _connections.StartAsync(Cancel).Soon();
        await host.StartAsync(Cancel).Soon();
        Serving().Consumers["q"].Consumer.OnDelivered(TestServer.Request());
        await started.Task.Soon();
        using var graceEnd = new CancellationTokenSource();

        Task stopping = host.StopAsync(graceEnd.Token);
        Assert.False(stopping.IsCompleted || host.Completion.IsCompleted);
        await graceEnd.CancelAsync();

        await stopping.Soon();
        Assert.Contains(45, server.Log.Ids);
    }

    [Fact]
    public async Task A_server_that_may_not_reply_takes_no_request()
    {
        _onProbe = _ => throw NotAllowed();

        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(StartAsync);

        Assert.True(refused.IsBrokerRefusal);
        Assert.Contains("user 'ada' write to exchange 'amq.default' (ACCESS_REFUSED", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_opened[0].Channels, channel => channel.Consumers.Count > 0);
        await _host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public async Task A_server_that_may_no_longer_reply_stops_for_good()
    {
        await StartAsync();
        _onProbe = _ => throw NotAllowed();
        Serving().Close(TransportClosure.ByBroker(403, "ACCESS_REFUSED"));

        await AdvanceUntil(() => _host.Completion.IsCompleted);
        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => _host.Completion);
        Assert.True(refused.IsBrokerRefusal && _isStopped);
        Assert.Contains(53, _server.Log.Ids);
        Assert.Equal(refused.Message.TrimEnd('.'), _host.NotServingReason);
        Assert.Single(_opened[0].Channels, channel => channel.Consumers.Count > 0);
        await _host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public async Task A_permission_that_is_missing_for_a_while_is_waited_for()
    {
        await StartAsync();
        ScriptedChannel lost = Serving();
        _createChannel = () => new ScriptedChannel { Before = what => what == "declare q" ? throw NotAllowed() : Task.CompletedTask };
        lost.Close(TransportClosure.ByBroker(403, "ACCESS_REFUSED"));

        await AdvanceUntil(() => _server.Log.Ids.Count(id => id == 3) > 2);
        Assert.Contains("Queue 'q' cannot be served: test broker refused it to user 'ada' (ACCESS_REFUSED", _host.NotServingReason, StringComparison.Ordinal);
        Assert.Contains("rabbitmqctl set_permissions ada", _server.Log.Text(3), StringComparison.Ordinal);
        Assert.False(_host.Completion.IsCompleted || _server.Log.Ids.Contains(53));

        _createChannel = () => new ScriptedChannel();
        await AdvanceUntil(() => _host.NotServingReason is null);
        Assert.NotSame(lost, Serving());
        await _host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public async Task A_server_whose_login_is_renewed_waits_for_the_permission_to_reply()
    {
        await StartAsync();
        ScriptedChannel lost = Serving();
        _opened[0].HasTemporaryLogin = true;
        _onProbe = _ => throw NotAllowed();
        lost.Close(TransportClosure.ByBroker(403, "ACCESS_REFUSED"));

        await AdvanceUntil(() => _server.Log.Ids.Count(id => id == 3) > 2);
        Assert.Contains("write to exchange 'amq.default'", _host.NotServingReason, StringComparison.Ordinal);
        Assert.False(_host.Completion.IsCompleted || _server.Log.Ids.Contains(53));

        _onProbe = _ => Task.CompletedTask;
        await AdvanceUntil(() => _host.NotServingReason is null);
        Assert.NotSame(lost, Serving());
        await _host.StopAsync(Cancel).Soon();
    }

    [Theory]
    [InlineData("app", "to user 'app' (", "set_permissions app CONFIGURE")]
    [InlineData(null, "to the connection's user (", "set_permissions USER CONFIGURE")]
    public async Task A_refusal_names_the_connection_s_user_or_none(string? user, string named, string remedy)
    {
        _server.Settings = _server.Settings with { UserName = "" };
        _createChannel = () => new ScriptedChannel { Before = what => what == "declare q" ? throw NotAllowed() : Task.CompletedTask };
        await _connections.StartAsync(Cancel).Soon();
        _opened[0].UserName = user;
        ServiceHost host = Create();

        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => host.StartAsync(Cancel));

        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, refused.Message, StringComparison.Ordinal);
        await host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public async Task Its_own_exchanges_are_set_up_before_it_takes_requests()
    {
        _server.Settings = _server.Settings with { Exchange = "x", ReplyExchange = "rpc.replies" };
        string? probed = null;
        _onProbe = exchange =>
        {
            probed = exchange;
            return Task.CompletedTask;
        };
        ServiceHost host = Create();
        await _connections.StartAsync(Cancel).Soon();
        await host.StartAsync(Cancel).Soon();

        string[] events = [.. _opened[0].Channels.SelectMany(channel => channel.Events).Where(what => what.Contains("exchange", StringComparison.Ordinal) || what.Contains("by its name", StringComparison.Ordinal))];
        Assert.Equal(["inspect exchange x", "bind x q by its name", "inspect exchange rpc.replies"], events);
        Assert.Equal("rpc.replies", probed);
        await host.StopAsync(Cancel).Soon();
    }

    private static TransportRefusedException NotAllowed() => new(403, "ACCESS_REFUSED - refused for user 'ada'");

    [Fact]
    public async Task It_stops_even_if_its_log_fails()
    {
        await StartAsync();
        Serving().Before = _ => throw new TransportClosedException(new TransportClosure("lost"), nothingSent: true);
        _server.Log.Failure = new InvalidOperationException("the log is broken");

        await _host.StopAsync(Cancel).Soon();

        await _host.Completion.Soon();
        Assert.True(_isStopped);
    }

    [Fact]
    public async Task Its_load_is_its_link_s()
    {
        ICallLoad load = _host;
        Assert.Equal(("q", (0, 0)), (load.LoadName, load.CountCalls()));
        await StartAsync();
        Assert.Equal((0, 0), load.CountCalls());
        await _host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public async Task Without_a_connection_its_reason_is_the_connection_s()
    {
        await StartAsync();
        await _connections.DisposeAsync().Soon();
        Serving().Close();

        await TaskBounds.Until(() => _host.NotServingReason is not null);

        Assert.Equal(_connections.DownReason, _host.NotServingReason);
        await _host.StopAsync(Cancel).Soon();
    }

    [Fact]
    public void A_queue_s_name_must_leave_room_for_broadcasts()
    {
        var server = new TestServer { Settings = _server.Settings with { Queue = new QueueDeclaration(new string('q', 250), QueueKind.Classic) } };
        server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { Broadcast = true });

        Assert.Throws<ArgumentException>(() => new ServiceHost(server.Settings, server.Handlers, server.Environment, descriptionAccess: null, _connections, _connections));
        server.Clear();
        server.Serve((text, _) => new(text));
        _ = new ServiceHost(server.Settings, server.Handlers, server.Environment, descriptionAccess: null, _connections, _connections);
    }

    private ServiceHost Create() => new(_server.Settings, _server.Handlers, _server.Environment, descriptionAccess: null, _connections, _connections) { Stopped = () => _isStopped = true };

    private async Task StartAsync()
    {
        await _connections.StartAsync(Cancel).Soon();
        await _host.StartAsync(Cancel).Soon();
    }

    private ScriptedConnection Open()
    {
        var connection = new ScriptedConnection { CreateChannel = () => _createChannel(), OnProbe = exchange => _onProbe(exchange) };
        _opened.Add(connection);
        return connection;
    }

    /// <summary>The newest channel that consumes requests.</summary>
    private ScriptedChannel Serving() => _opened.SelectMany(connection => connection.Channels).Last(channel => channel.Consumers.ContainsKey("q"));

    private Task AdvanceUntil(Func<bool> condition) => TaskBounds.Until(() =>
    {
        _server.Time.Advance(TimeSpan.FromMilliseconds(100));
        return condition();
    });
}
