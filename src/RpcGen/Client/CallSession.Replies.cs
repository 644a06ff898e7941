using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <content>What comes back: replies and returned messages, and the calls that they are for.</content>
internal sealed partial class CallSession
{
    public void OnReply(in IncomingMessage reply)
    {
        if (reply.Type == WireNames.Batch)
        {
            BatchReplyReader.Complete(this, in reply);
            return;
        }

        if (!TryFind(new CorrelationId(reply.CorrelationId), out PendingCall call, out long generation))
        {
            DropReply(reply.CorrelationId, TelemetryNames.Unknown);
            return;
        }

        if (call is PendingBatch batch)
        {
            OnBatchRefused(batch, generation, in reply);
            return;
        }

        BatchedMethod? batched = call.Batched; // read before the call ends, for then its object may be used again
        long turn = call.Turn;
        if (!call.TryFinish(generation))
        {
            DropReply(reply.CorrelationId, TelemetryNames.Late);
            return;
        }

        ReplyReader.Complete(call, in reply, MaxMessageBytes);
        if (batched is not null)
        {
            batched.Report(reply.ContentType);
            batched.Lane.OnReply(turn);
        }
    }

    /// <summary>A reply has come that nobody waits for.</summary>
    /// <param name="correlationId">The call that it is for.</param>
    /// <param name="reason">Whether there was such a call.</param>
    public void DropReply(string? correlationId, string reason)
    {
        RpcMetrics.RepliesDropped.Add(1, RpcMetrics.Reason(reason));
        Log.ReplyDropped(Environment.Log, correlationId);
    }

    public void OnReturned(ReturnedMessage message)
    {
        if (!TryFind(new CorrelationId(message.CorrelationId), out PendingCall call, out long generation))
        {
            return;
        }

        if (call is not PendingBatch batch)
        {
            OnReturned(call, generation, in message);
        }
        else if (batch.TryHold(generation))
        {
            foreach ((PendingCall shared, long use) in batch.Calls)
            {
                OnReturned(shared, use, in message);
            }

            batch.Lane.OnReply(batch.Turn);
            batch.TryFinishUse(generation);
            batch.Release();
        }
    }

    private void OnReturned(PendingCall call, long generation, in ReturnedMessage message)
    {
        RpcMetrics.CallsReturned.Add(1);
        if (call.Sendings > 1)
        {
            // It was on its way before the connection was lost: the queue was there, and its server will be again.
            _ = _sender.SendAgainAsync(call, generation);
            return;
        }

        call.TryFail(generation, new RpcUnavailableException(
            $"'{call.Method.Name}' was not sent: {_broker} has no queue '{message.RoutingKey}' ({message.Reason}). Start a server for it, or check the queue's name and the virtual host.",
            message.RoutingKey));
    }

    /// <summary>
    /// A server has answered a batch as one. If it could not read it, nothing has run, and the calls travel singly for a
    /// while; any other fault is the answer to each of them.
    /// </summary>
    private void OnBatchRefused(PendingBatch batch, long generation, in IncomingMessage reply)
    {
        if (!batch.TryHold(generation))
        {
            DropReply(reply.CorrelationId, TelemetryNames.Late);
            return;
        }

        if (FaultReader.ReadCode(reply.Body) is FaultCodes.Unsupported or FaultCodes.UnknownMethod or FaultCodes.Protocol)
        {
            batch.Lane.Close();
            _sender.SendSingly(batch);
        }
        else
        {
            foreach ((PendingCall call, long use) in batch.Calls)
            {
                if (call.TryFinish(use))
                {
                    ReplyReader.Complete(call, in reply, MaxMessageBytes);
                }
            }
        }

        batch.Lane.OnReply(batch.Turn);
        batch.TryFinishUse(generation);
        batch.Release();
    }

    /// <summary>The call with an id of ours, and which use of its object is meant.</summary>
    public bool TryFind(CorrelationId correlationId, out PendingCall call, out long generation)
    {
        ulong id = correlationId.Number;
        if (id != 0 || CorrelationId.TryParseNumber(correlationId.Text, out id))
        {
            (int slot, generation) = PendingCall.Unpack(Cipher.Decrypt(id));
            if (Table.Find(slot) is { } found)
            {
                call = found;
                return true;
            }
        }

        call = null!;
        generation = 0;
        return false;
    }
}
