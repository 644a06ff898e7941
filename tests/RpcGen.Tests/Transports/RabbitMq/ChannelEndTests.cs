using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class ChannelEndTests
{
    private readonly ChannelEnd _end = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_first_reason_counts()
    {
        Assert.Null(_end.Reason);
        Assert.True(_end.TrySetReason(new TransportClosure("first")));
        Assert.False(_end.TrySetReason(new TransportClosure("second")));
        Assert.False(_end.Closed.IsCompleted);

        _end.Complete(_end.Reason!);

        Assert.Equal("first", (await _end.Closed.WaitAsync(Bounds.Soon, Cancel)).Reason);
    }

    [Fact]
    public async Task A_send_without_a_token_ends_with_the_channel()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.Equal(cancellation.Token, _end.OrAbandoned(cancellation.Token));
        CancellationToken token = _end.OrAbandoned(CancellationToken.None);
        Assert.False(token.IsCancellationRequested);
        _end.Complete(new TransportClosure("gone"));

        await _end.AbandonSendsAsync();

        Assert.True(token.IsCancellationRequested);
        TransportClosedException exception = await Assert.ThrowsAsync<TransportClosedException>(
            () => _end.AwaitSendAsync(ValueTask.FromCanceled(token)).AsTask().WaitAsync(Bounds.Soon, Cancel));
        Assert.Equal(("gone", true), (exception.Closure.Reason, exception.NothingSent));
    }

    [Fact]
    public async Task The_caller_s_own_cancellation_is_none_of_the_channel_s()
    {
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _end.AwaitSendAsync(ValueTask.FromCanceled(cancellation.Token)).AsTask().WaitAsync(Bounds.Soon, Cancel));
    }

    [Fact]
    public async Task Failures_of_a_send_are_translated()
    {
        await _end.AwaitSendAsync(ValueTask.CompletedTask);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _end.AwaitSendAsync(ValueTask.FromException(new InvalidOperationException())).AsTask());
        TransportClosedException closed = await Assert.ThrowsAsync<TransportClosedException>(() => _end.AwaitSendAsync(ValueTask.FromException(new IOException())).AsTask());
        Assert.Same(TransportClosure.ByOwner, closed.Closure);
    }

    [Fact]
    public void Exceptions_say_what_is_known()
    {
        var reason = new ShutdownEventArgs(ShutdownInitiator.Peer, 406, "PRECONDITION_FAILED");
        Assert.Equal("406 PRECONDITION_FAILED", _end.ToException(new OperationInterruptedException(reason)).Closure.Reason);
        Assert.Same(TransportClosure.ByOwner, _end.ToException(new ObjectDisposedException("x")).Closure);

        Assert.True(_end.ToException(new AlreadyClosedException(reason)).NothingSent);
        Assert.True(_end.ToException(new ChannelClosedException()).NothingSent);
        Assert.False(_end.ToException(new OperationInterruptedException(reason)).NothingSent);
        Assert.False(_end.ToException(new IOException()).NothingSent);

        _end.TrySetReason(new TransportClosure("noted"));
        Assert.Equal("noted", _end.ToException(new IOException()).Closure.Reason);
    }

    [Fact]
    public async Task A_task_whose_outcome_does_not_matter_is_waited_for_but_not_longer()
    {
        await Task.CompletedTask.WaitIgnoringOutcomeAsync(Bounds.Soon);
        await Task.FromException(new InvalidOperationException()).WaitIgnoringOutcomeAsync(Bounds.Soon);
        await new TaskCompletionSource().Task.WaitIgnoringOutcomeAsync(TimeSpan.FromMilliseconds(1)).WaitAsync(Bounds.Soon, Cancel);

        var pending = new TaskCompletionSource();
        Task waiting = pending.Task.WaitIgnoringOutcomeAsync(Bounds.Soon);
        Assert.False(waiting.IsCompleted);
        pending.SetResult();
        await waiting.WaitAsync(Bounds.Soon, Cancel);
    }
}
