using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>
/// Gives a call the outcome that its reply carries. For the thread that won
/// <see cref="PendingMessage.TryComplete(long, out CallStage)"/>. Never throws.
/// </summary>
internal sealed class ReplyReader(int maxMessageBytes)
{
    /// <summary>Whether a batch can be read at all: its headers, content type, encoding and size.</summary>
    public bool IsReadableBatch(in IncomingMessage message) =>
        !message.IsUnreadable && ContentTypes.IsReadableBatch(message.ContentType, message.ContentEncoding) && message.Body.Length <= maxMessageBytes;

    /// <summary>Reads a reply in a message of its own.</summary>
    public void Read(PendingCall call, MessageKind kind, in IncomingMessage reply)
    {
        try
        {
            call.ReplyMetadata?.Receive(reply.Headers);
            if (reply.IsUnreadable)
            {
                call.SetException(CallExceptions.UnreadableHeaders(call.Identity));
            }
            else if (!ContentTypes.IsReadable(reply.ContentType, reply.ContentEncoding))
            {
                call.SetException(CallExceptions.UnknownContentType(call.Identity, reply.ContentType, reply.ContentEncoding));
            }
            else if (reply.Body.Length > maxMessageBytes)
            {
                call.SetException(CallExceptions.ReplyTooLarge(call.Identity, reply.Body.Length, maxMessageBytes));
            }
            else
            {
                ReadBody(call, kind, reply.Type, reply.Body);
            }
        }
#pragma warning disable CA1031 // Nobody else can end the call now: every exception that a hostile reply causes must end it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            call.SetException(CallExceptions.UnreadableReply(call.Identity, e));
        }
    }

    /// <summary>Reads a reply in a batch.</summary>
    public static void Read(PendingCall call, MessageKind kind, string? type, ReadOnlyMemory<byte> payload)
    {
        try
        {
            ReadBody(call, kind, type, payload);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            call.SetException(CallExceptions.UnreadableReply(call.Identity, e));
        }
    }

    private static void ReadBody(PendingCall call, MessageKind kind, string? type, ReadOnlyMemory<byte> body)
    {
        switch (kind)
        {
            case MessageKind.Result:
                call.SetResult(body.Span);
                break;
            case MessageKind.Fault:
                Exception fault = FaultReader.Read(body, call.Method, call.Route.Queue, call.Id.ToString()!, call.Attempts > 1, out string? code);
                if (call.Observation is { } observation)
                {
                    observation.FaultCode = code;
                }

                call.SetException(fault);
                break;
            default:
                call.SetException(CallExceptions.UnknownReplyType(call.Identity, type));
                break;
        }
    }
}
