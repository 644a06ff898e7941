using System.Threading.Channels;
using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>A call that its caller has given up, and how long a server should remember that.</summary>
internal sealed record CancelledCall(string Queue, string ReplyTo, CorrelationId Id, long Expiration);

/// <summary>
/// Tells servers of calls that were given up, as well as it can: on a channel of its own, since the exchange of a queue
/// that only foreign servers serve does not exist, and publishing to it closes the channel.
/// </summary>
internal sealed class CancelSender : IAsyncDisposable
{
    /// <summary>Beyond this many untold ones the oldest are forgotten: their calls run to their end or deadline.</summary>
    private const int Capacity = 10_000;

    private readonly Supervisor<ITransportConnection> _connections;
    private readonly RpcEnvironment _environment;
    private readonly CancellationTokenSource _disposed = new();
    private readonly Channel<CancelledCall> _queue;
    private readonly Lazy<Task> _sending;
    private ITransportChannel? _channel;

    public CancelSender(Supervisor<ITransportConnection> connections, RpcEnvironment environment)
    {
        _connections = connections;
        _environment = environment;
        _queue = Channel.CreateBounded<CancelledCall>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _sending = new Lazy<Task>(StartSending);
    }

    public void Send(CancelledCall call)
    {
        _queue.Writer.TryWrite(call);
        _ = _sending.Value;
    }

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
            // Disposed: the calls ended with their client.
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
