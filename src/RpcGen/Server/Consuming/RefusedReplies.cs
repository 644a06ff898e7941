using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Replying;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>
/// Replies that the broker refused because of its <c>max_message_size</c>, until the next link is open. Their callers are told
/// there, before it consumes, and their requests are not run again by this server. Thread-safe.
/// </summary>
internal sealed class RefusedReplies(RpcEnvironment environment, string queue)
{
    /// <summary>How long a request is recognized, in milliseconds, if the broker gives it to this server again.</summary>
    private const string Memory = "60000";

    private readonly Lock _gate = new();
    private List<LargeReply> _refused = [];
    private int _limit;

    /// <summary>Adds the replies of a link that was lost.</summary>
    public void Add(IReadOnlyList<LargeReply> replies, int limit)
    {
        lock (_gate)
        {
            _refused.AddRange(replies);
            _limit = limit;
        }
    }

    /// <summary>Tells the callers, on a link that does not consume yet.</summary>
    /// <param name="sender">Sends on the link.</param>
    /// <param name="cancelled">The calls that the link does not start.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task TellCallersAsync(ReplySender sender, CancelledCalls cancelled, CancellationToken cancellationToken)
    {
        foreach (LargeReply reply in Take())
        {
            string reason = CallFaults.DescribeTooLargeForBroker(reply.Length, _limit);
            RpcMetrics.RepliesRefused.Add(1, RpcMetrics.StatusCode(FaultCodes.ResultTooLarge));
            Log.ReplyReplaced(environment.Log, queue, null, reply.Id.ToString(), FaultCodes.ResultTooLarge, reason);
            var problem = new PooledBuffer();
            FaultWriter.Write(problem, FaultCodes.ResultTooLarge, "The reply is too large.", reason);
            await sender.SendFaultAsync(reply.ReplyTo, reply.Id, problem.Written, cancellationToken).ConfigureAwait(false);
            problem.Release();
            cancelled.Add(reply.ReplyTo, reply.Id.ToString()!, Memory);
        }
    }

    private List<LargeReply> Take()
    {
        lock (_gate)
        {
            List<LargeReply> taken = _refused;
            _refused = [];
            return taken;
        }
    }
}
