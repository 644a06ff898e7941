using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Server.Running;
using RpcGen.Server.Settings;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>Drains one link: stops its consumers, waits for its calls, and gives up those that take too long.</summary>
internal sealed class LinkDrain(ServerSettings settings, RpcEnvironment environment, ITransportChannel channel, AckTracker acks, CallRunner calls, ReplySender sender)
{
    /// <summary>How long to wait for a broker that does not answer. Closing the channel stops the consumers too.</summary>
    private static readonly TimeSpan BrokerTimeout = TimeSpan.FromSeconds(3);

    private readonly ILogger _log = GuardedLogger.Guard(environment.Log); // a log that fails must not end the drain

    /// <summary>Stops the consumers and waits for the running calls, then gives up the rest.</summary>
    /// <param name="consumerTags">The consumers.</param>
    /// <param name="graceOver">Ends the wait before the grace period is over.</param>
    public async Task RunAsync(IEnumerable<string> consumerTags, CancellationToken graceOver)
    {
        await StopConsumersAsync(consumerTags).ConfigureAwait(false);
        (int running, int waiting) = calls.Load;
        Log.Draining(_log, settings.QueueName, running, waiting);
        try
        {
            await Task.WhenAny(acks.WhenIdleAsync(), channel.Closed).WaitAsync(settings.GracePeriod, environment.Time, graceOver).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            AbandonedCalls abandoned = calls.Abandon();
            Log.GraceExceeded(_log, settings.QueueName, abandoned.Count);
            await TellCallersAsync(abandoned.AlreadyAcknowledged).ConfigureAwait(false);
            await SendAcknowledgementsAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Sends the acknowledgements of calls that run at most once: if the channel were closed first, their requests would go back to the queue.</summary>
    private async Task SendAcknowledgementsAsync()
    {
        try
        {
            await acks.WhenSentAsync().WaitAsync(BrokerTimeout, environment.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The broker takes nothing: closing the channel ends the wait for it too.
        }
    }

    private async Task StopConsumersAsync(IEnumerable<string> consumerTags)
    {
        try
        {
            await Task.WhenAll(consumerTags.Select(tag => channel.CancelConsumerAsync(tag, CancellationToken.None))).WaitAsync(BrokerTimeout, environment.Time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or TransportClosedException or TransportRefusedException)
        {
            Log.ConsumerNotCancelled(_log, settings.QueueName, e.Message);
        }
    }

    /// <summary>Tells the callers of at-most-once calls, because no other server gets their requests.</summary>
    private async Task TellCallersAsync(IReadOnlyList<(string ReplyTo, CorrelationId Id)> alreadyAcknowledged)
    {
        if (alreadyAcknowledged.Count == 0)
        {
            return;
        }

        var problem = new PooledBuffer();
        FaultWriter.Write(problem, FaultCodes.Interrupted, "The server stopped.", "The server stopped while it ran the call, which runs at most once. It may have run in part.");
        using var timeout = new CancellationTokenSource(BrokerTimeout, environment.Time);
        foreach ((string replyTo, CorrelationId id) in alreadyAcknowledged)
        {
            await sender.SendFaultAsync(replyTo, id, problem.Written, timeout.Token).ConfigureAwait(false);
        }

        problem.Release();
    }
}
