using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

public sealed class OnDemandConnectionTests
{
    private readonly Queue<Func<Task<ITransportConnection>>> _attempts = new();
    private readonly FakeConnection _connection = new();
    private int _created;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_first_user_opens_it_and_others_share_it(bool opensInBackground)
    {
        await using OnDemandConnection onDemand = Create(opensInBackground);
        _attempts.Enqueue(() => Task.FromResult<ITransportConnection>(_connection));
        Assert.Equal(0, _created);

        Supervisor<ITransportConnection> first = await onDemand.GetAsync();

        Assert.Same(_connection, await first.GetAsync(Cancel).WaitAsync(Bounds.Soon, Cancel));
        Assert.Same(first, await onDemand.GetAsync());
        Assert.Equal(1, _created);
    }

    [Fact]
    public async Task After_a_failure_the_next_user_tries_again()
    {
        await using OnDemandConnection onDemand = Create(opensInBackground: false);
        _attempts.Enqueue(() => Task.FromException<ITransportConnection>(new RpcConnectionException("no broker.")));
        _attempts.Enqueue(() => Task.FromResult<ITransportConnection>(_connection));
        await Assert.ThrowsAsync<RpcConnectionException>(onDemand.GetAsync);

        Supervisor<ITransportConnection> second = await onDemand.GetAsync();

        Assert.Same(_connection, await second.GetAsync(Cancel).WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(2, _created);
    }

    [Fact]
    public async Task In_the_background_users_get_what_is_still_connecting()
    {
        var opening = new TaskCompletionSource<ITransportConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using OnDemandConnection onDemand = Create(opensInBackground: true);
        _attempts.Enqueue(() => opening.Task);

        Supervisor<ITransportConnection> supervisor = await onDemand.GetAsync();

        Task<ITransportConnection> open = supervisor.GetAsync(Cancel);
        Assert.False(open.IsCompleted);
        opening.SetResult(_connection);
        Assert.Same(_connection, await open.WaitAsync(Bounds.Soon, Cancel));
    }

    private OnDemandConnection Create(bool opensInBackground) => new(
        () =>
        {
            _created++;
            return new Supervisor<ITransportConnection>("The connection", _ => _attempts.Dequeue()(), new RpcEnvironment(new ManualTime(), new FixedRandom(0), new RecordingLogger()));
        },
        opensInBackground);
}
