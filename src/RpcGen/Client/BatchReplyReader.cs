using System.Text.Json;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Gives calls the outcomes that a message tells which their replies share.</summary>
internal static class BatchReplyReader
{
    /// <summary>Ends the calls whose replies are in the message. Never throws.</summary>
    public static void Complete(CallSession session, in IncomingMessage message)
    {
        session.TryFind(new CorrelationId(message.CorrelationId), out PendingCall found, out long use);
        PendingBatch? batch = found is PendingBatch known && known.TryHold(use) ? known : null;
        try
        {
            if (!ContentTypes.IsReadable(message.ContentType, message.ContentEncoding) || message.Body.Length > session.MaxMessageBytes)
            {
                throw new JsonException($"its content type is '{message.ContentType}', its encoding '{message.ContentEncoding}', its length {message.Body.Length} bytes.");
            }

            Read(session, message.Body);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: text that is no Unicode
        {
            session.DropReply(message.CorrelationId, TelemetryNames.Unknown);
            Fail(batch, e);
        }

        if (batch is not null)
        {
            batch.Lane.OnReply(batch.Turn);
            batch.TryFinishUse(use);
            batch.Release();
        }
    }

    private static void Read(CallSession session, ReadOnlyMemory<byte> body)
    {
        var reader = new BatchReader(body.Span);
        while (reader.NextEntry())
        {
            CorrelationId id = reader.ReadId();
            ReadOnlyMemory<byte> payload = reader.HasElement ? body[reader.ReadValue()] : default;
            string? kind = reader.HasElement ? reader.ReadText() : null;
            bool isQuick = !reader.HasElement || reader.ReadNumber() == 0;
            reader.EndEntry();
            bool isFound = session.TryFind(id, out PendingCall call, out long generation) && call is not PendingBatch;
            if (isFound)
            {
                BatchedMethod? batched = call.Batched; // read before the call ends, for then its object may be used again
                if (call.TryFinish(generation))
                {
                    ReplyReader.Complete(call, kind, payload);
                    batched?.Report(isQuick);
                    continue;
                }
            }

            session.DropReply(id.ToString(), isFound ? TelemetryNames.Late : TelemetryNames.Unknown);
        }
    }

    private static void Fail(PendingBatch? batch, Exception exception)
    {
        foreach ((PendingCall call, long generation) in batch?.Calls ?? [])
        {
            call.TryFail(generation, new RpcProtocolException($"The reply to '{call.Method.Name}', which it shares with other calls, can't be read: {exception.Message}", exception));
        }
    }
}
