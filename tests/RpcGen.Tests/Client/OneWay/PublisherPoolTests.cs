using RpcGen.Client.OneWay;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.OneWay;

public sealed class PublisherPoolTests : ClientFixture
{
    private PublisherPool _pool = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _pool = new PublisherPool(Connections, Environment);
    }

    public override async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task Each_exchange_has_one_channel()
    {
        PublisherLink first = await Gets(_pool.GetAsync("", Cancel));

        Assert.Same(first, await Gets(_pool.GetAsync("", Cancel)));
        Assert.NotSame(first, await Gets(_pool.GetAsync("q.broadcast", Cancel)));
        Assert.Equal(2, Connection.Publishers.Count);
    }

    [Fact]
    public async Task A_closed_channel_is_opened_again()
    {
        PublisherLink first = await Gets(_pool.GetAsync("", Cancel));
        Connection.Publishers[0].Close("404");
        Assert.True(first.IsClosed);

        PublisherLink second = await Gets(_pool.GetAsync("", Cancel));
        Assert.NotSame(first, second);
        Assert.False(second.IsClosed);
    }

    [Fact]
    public async Task A_lost_connection_is_waited_for()
    {
        PublisherLink first = await Gets(_pool.GetAsync("", Cancel));
        await LoseAsync("torn");
        Assert.Equal("There is no connection: torn", _pool.UnavailableReason);
        Task<PublisherLink> waiting = _pool.GetAsync("", Cancel);
        await Task.Delay(5, Cancel);
        Assert.False(waiting.IsCompleted);
        await ReopenAsync();

        Assert.NotSame(first, await Gets(waiting));
        Assert.Null(_pool.UnavailableReason);
    }

    [Fact]
    public async Task A_channel_that_cannot_be_opened_is_tried_again_after_a_pause()
    {
        Connection.OpenFailure = new TransportClosedException(new TransportClosure("closing"), nothingSent: true);
        DateTimeOffset before = Time.GetUtcNow();
        Task<PublisherLink> waiting = _pool.GetAsync("", Cancel);
        await Until(() => Connection.FailedOpenings == 1);
        Connection.OpenFailure = null;
        await AdvanceUntil(() => waiting.IsCompleted);
        Assert.True(Time.GetUtcNow() - before >= PublisherPool.ReopenPause);
        Assert.False((await Gets(waiting)).IsClosed);
    }

    [Fact]
    public async Task Any_other_failure_to_open_is_the_callers()
    {
        Connection.OpenFailure = new TransportRefusedException(504, "no more channels");
        await Fails<TransportRefusedException>(_pool.GetAsync("", Cancel));

        Connection.OpenFailure = null;
        Assert.False((await Gets(_pool.GetAsync("", Cancel))).IsClosed); // not remembered
    }

    [Fact]
    public async Task A_blocked_connection_is_waited_for()
    {
        Connection.Block("memory");
        Assert.Equal("The broker blocks publishers: memory", _pool.UnavailableReason);
        Task<ITransportConnection> waiting = _pool.GetConnectionAsync(Cancel);
        Connection.Block("disk"); // still blocked
        await Task.Delay(5, Cancel);
        Assert.False(waiting.IsCompleted);
        Connection.Block(null);

        Assert.Same(Connection, await Gets(waiting));
        await Until(() => Connection.Channels.Count > 0);
    }

    [Fact]
    public async Task The_wait_for_a_blocked_connection_ends_with_it_or_with_the_caller()
    {
        Connection.Block("memory");
        using var source = new CancellationTokenSource();
        Task cancelled = _pool.GetConnectionAsync(source.Token);
        await source.CancelAsync();
        await Fails<TaskCanceledException>(cancelled);

        Task<ITransportConnection> waiting = _pool.GetConnectionAsync(Cancel);
        await LoseAsync();
        await ReopenAsync();
        Assert.Same(Connection, await Gets(waiting));
    }

    [Fact]
    public async Task Beyond_the_bound_the_exchange_that_was_used_least_recently_gives_its_channel_up()
    {
        await Gets(_pool.GetAsync("", Cancel));
        for (int i = 0; i < PublisherPool.MaxChannels - 1; i++)
        {
            await Gets(_pool.GetAsync($"{i}.broadcast", Cancel));
        }

        await Gets(_pool.GetAsync("0.broadcast", Cancel)); // now the next is the oldest
        await Gets(_pool.GetAsync("more.broadcast", Cancel));

        await Until(() => Connection.Publishers[2].IsDisposed);
        Assert.Single(Connection.Publishers, publisher => publisher.IsDisposed);
        Assert.False((await Gets(_pool.GetAsync("1.broadcast", Cancel))).IsClosed);
    }

    [Fact]
    public async Task A_channel_that_is_given_up_takes_no_more_messages()
    {
        PublisherLink first = await Gets(_pool.GetAsync("0.broadcast", Cancel)); // by a thread that has not published yet
        for (int i = 1; i <= PublisherPool.MaxChannels; i++)
        {
            await Gets(_pool.GetAsync($"{i}.broadcast", Cancel));
        }

        var exception = await Fails<TransportClosedException>(first.PublishAsync(new OutgoingMessage { Exchange = "0.broadcast", RoutingKey = "" }, Cancel));

        Assert.True(exception.NothingSent);
        Assert.Empty(Connection.Publishers[0].All);
    }

    [Fact]
    public async Task Channels_that_could_not_be_opened_take_no_room()
    {
        Connection.OpenFailure = new TransportRefusedException(AmqpReplyCodes.ResourceLocked, "no more channels");
        for (int i = 0; i < 2 * PublisherPool.MaxChannels; i++)
        {
            await Fails<TransportRefusedException>(_pool.GetAsync($"{i}.broadcast", Cancel));
        }

        Connection.OpenFailure = null;
        PublisherLink first = await Gets(_pool.GetAsync("a.broadcast", Cancel));
        await Gets(_pool.GetAsync("b.broadcast", Cancel));
        Assert.Same(first, await Gets(_pool.GetAsync("a.broadcast", Cancel)));
        Assert.DoesNotContain(Connection.Publishers, publisher => publisher.IsDisposed);
    }

    [Fact]
    public async Task Disposal_closes_every_channel()
    {
        await Gets(_pool.GetAsync("", Cancel));
        await Gets(_pool.GetAsync("q.broadcast", Cancel));

        await _pool.DisposeAsync();

        Assert.All(Connection.Publishers, publisher => Assert.True(publisher.IsDisposed));
    }
}
