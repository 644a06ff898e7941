using System.Threading.Channels;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Cancelling;

/// <summary>A call that its caller cancelled.</summary>
/// <param name="Queue">The service's request queue.</param>
/// <param name="ReplyTo">The caller's callback queue, which together with the id names the call.</param>
/// <param name="Id">The correlation id.</param>
/// <param name="Expiration">How long servers should remember the cancellation, in milliseconds.</param>
internal sealed record CancelledCall(string Queue, string ReplyTo, CorrelationId Id, long Expiration);

/// <summary>
/// Tells servers about cancelled calls, on a best-effort basis. It uses a channel of its own: the cancel exchange of a
/// queue that only foreign servers serve does not exist, and publishing to it closes the channel. Thread-safe.
/// </summary>
internal sealed class CancelSender : IAsyncDisposable
{
    /// <summary>How many cancellations can wait to be sent. Beyond that the oldest are dropped: these calls run to their end or deadline.</summary>
    public const int Capacity = 10_000;

    private readonly Supervisor<ITransportConnection> _connections;
    private readonly RpcEnvironment _environment;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Channel<CancelledCall> _queue;
    private readonly Lazy<Task> _sending;
    private ITransportChannel? _channel;

    /// <summary>Creates the sender. It opens a channel when the first call is cancelled.</summary>
    public CancelSender(Supervisor<ITransportConnection> connections, RpcEnvironment environment)
    {
        _connections = connections;
        _environment = environment;
        _queue = Channel.CreateBounded<CancelledCall>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _sending = new Lazy<Task>(StartSending);
    }

    /// <summary>Sends a cancellation soon. Never blocks, never throws.</summary>
    public void Send(CancelledCall call)
    {
        _queue.Writer.TryWrite(call);
        _ = _sending.Value;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _disposed.CancelAsync().ConfigureAwait(false);
        if (_sending.IsValueCreated)
        {
            await _sending.Value.ConfigureAwait(false);
        }

        if (_channel is not null)
        {
            await _channel.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Task StartSending()
    {
        using (AmbientFlow.Suppress())
        {
            return Task.Run(SendAllAsync);
        }
    }

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (CancelledCall call in _queue.Reader.ReadAllAsync(_disposed.Token).ConfigureAwait(false))
            {
                await SendAsync(call).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed: the calls end with their client.
        }
    }

    private async Task SendAsync(CancelledCall call)
    {
        try
        {
            ITransportChannel channel = await GetChannelAsync().ConfigureAwait(false);
            var message = new OutgoingMessage
            {
                Exchange = call.Queue + WireNames.CancelExchangeSuffix,
                RoutingKey = "",
                CorrelationId = call.Id,
                ReplyTo = call.ReplyTo,
                Expiration = call.Expiration,
            };
            await channel.PublishAsync(in message, _disposed.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.CancelNotSent(_environment.Log, call.Id.ToString(), e);
        }
    }

    private async Task<ITransportChannel> GetChannelAsync()
    {
        if (_channel is { Closed.IsCompleted: false })
        {
            return _channel;
        }

        if (_channel is not null)
        {
            await _channel.DisposeAsync().ConfigureAwait(false);
            _channel = null;
        }

        ITransportConnection connection = await _connections.GetAsync(_disposed.Token).ConfigureAwait(false);
        return _channel = await connection.OpenChannelAsync(_disposed.Token).ConfigureAwait(false);
    }
}
