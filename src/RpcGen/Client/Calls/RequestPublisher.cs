using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>Publishes a request on a link and reports failures to the pending message.</summary>
internal static class RequestPublisher
{
    /// <summary>Publishes. Failures go to the message, never to the caller.</summary>
    /// <param name="message">The pending message: it is <see cref="CallStage.Sent"/>, and pinned for this publish, which unpins it.</param>
    /// <param name="generation">The use of the message.</param>
    /// <param name="request">The message to publish.</param>
    /// <param name="link">The link.</param>
    /// <param name="channel">The channel of the link.</param>
    /// <param name="span">The parent for spans of the client library; null for none.</param>
    public static void Publish(PendingMessage message, long generation, in OutgoingMessage request, CallLink link, RequestChannel channel, Activity? span)
    {
        ValueTask publishing = Publish(in request, channel, span);
        if (publishing.IsCompletedSuccessfully)
        {
            publishing.GetAwaiter().GetResult();
            channel.Order.End();
            AfterPublish(message, generation, link);
        }
        else
        {
            _ = AwaitAsync(publishing, message, generation, link, channel);
        }
    }

    private static ValueTask Publish(in OutgoingMessage request, RequestChannel channel, Activity? span)
    {
        try
        {
            using (RpcTracing.Enter(span))
            {
                return channel.PublishAsync(in request);
            }
        }
#pragma warning disable CA1031 // Every exception of the transport must end the call, not the thread that sends.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(e);
        }
    }

    private static async Task AwaitAsync(ValueTask publishing, PendingMessage message, long generation, CallLink link, RequestChannel channel)
    {
        try
        {
            try
            {
                await publishing.ConfigureAwait(false);
            }
            finally
            {
                channel.Order.End();
            }
        }
        catch (TransportClosedException e) when (e.NothingSent)
        {
            message.OnNotSent(generation, link);
            message.Unpin();
            return;
        }
        catch (Exception e) when (e is TransportClosedException or TransportRefusedException or OperationCanceledException)
        {
            message.OnLinkLost(generation, link, e.Message);
        }
#pragma warning disable CA1031 // Any other exception of the transport must end the call, not vanish.
        catch (Exception e)
#pragma warning restore CA1031
        {
            message.OnSendFailed(generation, e);
        }

        AfterPublish(message, generation, link);
    }

    private static void AfterPublish(PendingMessage message, long generation, CallLink link)
    {
        // Two sides race: this thread marked the message as sent on the link and now asks whether the link is closed; the
        // link's loss is announced and then the table is read. The loss may have been handled before the mark was there.
        if (link.Closed.IsCompleted)
        {
            message.OnLinkLost(generation, link, link.Closed.Result.Reason);
        }

        message.Unpin();
    }
}
