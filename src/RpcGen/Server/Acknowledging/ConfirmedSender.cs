using RpcGen.Transport;

namespace RpcGen.Server.Acknowledging;

/// <summary>
/// A channel that publishes one message at a time, and waits for its confirm. So a confirm or a return always belongs to that message, and its correlation id
/// does not have to be unique. Used by one thread at a time.
/// </summary>
internal sealed class ConfirmedSender : IAsyncDisposable
{
    private readonly IConfirmedChannel _channel;
    private TaskCompletionSource<PublishConfirm> _confirm = new();
    private volatile string? _returned;

    public ConfirmedSender(IConfirmedChannel channel)
    {
        _channel = channel;
        channel.Returned += message => _returned = message.Reason;
        channel.Confirmed += confirm => Volatile.Read(ref _confirm).TrySetResult(confirm);
    }

    public bool IsOpen => !_channel.Closed.IsCompleted;

    /// <summary>Sends a mandatory message.</summary>
    /// <returns>Why no queue has it; null if one has.</returns>
    /// <exception cref="TransportClosedException">The channel is closed, or closed before the confirm.</exception>
    public async Task<string?> SendAsync(OutgoingMessage message)
    {
        var confirm = new TaskCompletionSource<PublishConfirm>(TaskCreationOptions.RunContinuationsAsynchronously);
        _returned = null;
        Volatile.Write(ref _confirm, confirm);
        await _channel.PublishAsync(in message, CancellationToken.None).ConfigureAwait(false);
        await Task.WhenAny(confirm.Task, _channel.Closed).ConfigureAwait(false);
        return !confirm.Task.IsCompletedSuccessfully ? throw new TransportClosedException(await _channel.Closed.ConfigureAwait(false), nothingSent: false)
            : _returned is { } returned ? $"the broker returned it ({returned})."
            : confirm.Task.Result.IsRefused ? "the queue refused it."
            : null;
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();
}
