using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Server.Settings;
using RpcGen.Transport;

namespace RpcGen.Server.Acknowledging;

/// <summary>
/// Passes one-way requests that failed or were refused on to the service's dead-letter queue, with the reason: <c>basic.reject</c> can carry none. One for
/// each link, since it publishes on the link's connection. Thread-safe.
/// </summary>
internal sealed class DeadLetters(ITransportConnection connection, ServerSettings settings, RpcEnvironment environment) : IAsyncDisposable
{
    private readonly string _queue = settings.DeadLetterQueue!.Name;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private ConfirmedSender? _sender;

    /// <summary>
    /// Sends a request to the dead-letter queue, and waits for the broker's confirm. False if the queue does not have it: the request must be rejected, as
    /// without such a queue.
    /// </summary>
    public async ValueTask<bool> TrySendAsync(Delivery delivery, DeadLetterReason reason)
    {
        string? problem = DeadLetterMessage.DescribeProblem(delivery) ?? await SendAsync(delivery, reason).ConfigureAwait(false);
        if (problem is not null)
        {
            Log.DeadLetterNotSent(environment.Log, settings.QueueName, reason.Type, reason.Id.ToString(), _queue, problem);
        }

        return problem is null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_sender is { } sender)
        {
            await sender.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <returns>Why it was not sent; null if it was.</returns>
    private async Task<string?> SendAsync(Delivery delivery, DeadLetterReason reason)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            _sender = _sender is { IsOpen: true } open ? open : new ConfirmedSender(await connection.OpenConfirmedChannelAsync(CancellationToken.None).ConfigureAwait(false));
            return await _sender.SendAsync(DeadLetterMessage.Create(_queue, settings.QueueName, delivery, reason, environment.Time.GetUtcNow())).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException)
        {
            return e.Message;
        }
        finally
        {
            _turn.Release();
        }
    }
}
