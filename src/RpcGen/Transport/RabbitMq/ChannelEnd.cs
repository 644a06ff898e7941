using System.Threading.Channels;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Transport.RabbitMq;

/// <summary>The end of a channel: why it closes, and how failures of the client library are reported then. Thread-safe.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>State</term><description>Next</description></listheader>
/// <item><term>open</term><description><see cref="TrySetReason"/> → closing. Only the first reason counts.</description></item>
/// <item><term>closing</term><description><see cref="Complete"/> → closed: no further delivery reaches a consumer.</description></item>
/// <item><term>closed</term><description><see cref="AbandonSendsAsync"/> ends what still waits for the socket.</description></item>
/// </list>
/// </remarks>
#pragma warning disable CA1001 // Nothing to dispose: no wait handle and no timer is ever created.
internal sealed class ChannelEnd
#pragma warning restore CA1001
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _sendsAbandoned = new();
    private TransportClosure? _reason;

    /// <summary>Completes when the channel is closed.</summary>
    public Task<TransportClosure> Closed => _closed.Task;

    /// <summary>Why the channel closes or is closed; null while it is open.</summary>
    public TransportClosure? Reason => Volatile.Read(ref _reason);

    /// <summary>Cancelled when nothing waits for the socket any longer.</summary>
    public CancellationToken SendsAbandoned => _sendsAbandoned.Token;

    /// <summary>Sets the reason. Returns false if there was one before.</summary>
    public bool TrySetReason(TransportClosure reason) => Interlocked.CompareExchange(ref _reason, reason, null) is null;

    /// <summary>Completes <see cref="Closed"/>.</summary>
    public void Complete(TransportClosure reason) => _closed.TrySetResult(reason);

    /// <summary>Ends the sends that wait for the socket of a dead connection, which may never accept them.</summary>
    public Task AbandonSendsAsync() => _sendsAbandoned.CancelAsync();

    /// <summary>The token for a send: the caller's, or if it has none, one that ends the send with the channel.</summary>
    public CancellationToken OrAbandoned(CancellationToken cancellationToken) => cancellationToken.CanBeCanceled ? cancellationToken : SendsAbandoned;

    /// <summary>Awaits a send, and throws <see cref="TransportClosedException"/> if the channel closes.</summary>
    public async ValueTask AwaitSendAsync(ValueTask sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_sendsAbandoned.IsCancellationRequested)
        {
            throw new TransportClosedException(Closed.Result, nothingSent: true);
        }
        catch (Exception e) when (ShutdownReasons.MeansClosed(e))
        {
            throw ToException(e);
        }
    }

    /// <summary>Translates an exception of the client library for which <see cref="ShutdownReasons.MeansClosed"/> is true.</summary>
    public TransportClosedException ToException(Exception exception)
    {
        // The library throws these two before it queues anything for the socket. Other exceptions leave that open.
        bool nothingSent = exception is AlreadyClosedException or ChannelClosedException;
        TransportClosure closure = exception is OperationInterruptedException { ShutdownReason: { } reason }
            ? reason.ToClosure()
            : Reason ?? TransportClosure.ByOwner;
        return new TransportClosedException(closure, nothingSent);
    }
}
