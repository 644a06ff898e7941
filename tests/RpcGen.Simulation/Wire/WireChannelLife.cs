using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>What channels and publishers have in common: they are closed over the wire, and end after what the broker has sent before.</summary>
internal abstract class WireChannelLife : WireLife, IAsyncDisposable
{
    private readonly WireConnection _connection;
    private readonly IClosable _broker;
    private Task? _closing;

    protected WireChannelLife(WireConnection connection, IClosable broker, Flow up, Flow down)
        : base(up, down)
    {
        _connection = connection;
        _broker = broker;
        _ = WatchAsync();
    }

    public ValueTask DisposeAsync() => new(_closing ??= CloseAsync());

    public override void End(TransportClosure closure)
    {
        base.End(closure);
        _connection.Forget(this);
    }

    /// <summary>Something from the broker arrives at the process, unless the channel is closed by then.</summary>
    public void Arrive(Action action) => Down.Send(() =>
    {
        if (!IsClosed)
        {
            action();
        }
    });

    private async Task CloseAsync()
    {
        if (!IsClosed)
        {
            var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Up.Send(async () =>
            {
                await _broker.DisposeAsync();
                closed.TrySetResult();
            });
            await _connection.WaitForCloseAsync(Task.WhenAny(closed.Task, Closed));
        }

        await _broker.DisposeAsync();
        EndByOwner();
    }

    private async Task WatchAsync()
    {
        TransportClosure closure = await _broker.Closed;
        Down.SendEnd(() => End(closure));
    }
}
