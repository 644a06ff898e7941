using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Gives a call the outcome that its reply tells.</summary>
internal static class ReplyReader
{
    /// <summary>Ends a call with its reply. For whoever won <see cref="PendingCall.TryFinish(long)"/>.</summary>
    public static void Complete(PendingCall call, in IncomingMessage reply, int maxMessageBytes)
    {
        try
        {
            call.ReplyMetadata?.Receive(reply.Headers);
            Read(call, in reply, maxMessageBytes);
        }
#pragma warning disable CA1031 // The call is taken out of everyone else's hands: whatever a hostile reply makes throw must end it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            call.SetException(new RpcProtocolException($"The reply to '{call.Method.Name}' (call {call.Id}) can't be read: {e.Message}", e));
        }
    }

    /// <summary>Ends a call with its part of a message that replies share.</summary>
    public static void Complete(PendingCall call, string? kind, ReadOnlyMemory<byte> payload)
    {
        try
        {
            Read(call, kind, payload);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            call.SetException(new RpcProtocolException($"The reply to '{call.Method.Name}' (call {call.Id}) can't be read: {e.Message}", e));
        }
    }

    private static void Read(PendingCall call, in IncomingMessage reply, int maxMessageBytes)
    {
        if (!ContentTypes.IsReadable(reply.ContentType, reply.ContentEncoding))
        {
            call.SetException(new RpcProtocolException(
                $"The reply to '{call.Method.Name}' (call {call.Id}) has content type '{reply.ContentType}' and encoding '{reply.ContentEncoding}', which are not understood."));
        }
        else if (reply.Body.Length > maxMessageBytes)
        {
            call.SetException(new RpcProtocolException(
                $"The reply to '{call.Method.Name}' (call {call.Id}) has {reply.Body.Length} bytes, more than the limit of {maxMessageBytes} (RpcConnectionOptions.MaxMessageBytes)."));
        }
        else
        {
            Read(call, reply.Type, reply.Body);
        }
    }

    private static void Read(PendingCall call, string? type, ReadOnlyMemory<byte> body)
    {
        if (string.IsNullOrEmpty(type))
        {
            call.SetReply(body);
        }
        else if (type == WireNames.Fault)
        {
            Exception exception = FaultReader.Read(body, call.Method, call.Service.Queue, call.Id.ToString()!, out string? code);
            if (call.Observation is { } observation)
            {
                observation.FaultCode = code;
            }

            call.SetException(exception);
        }
        else
        {
            call.SetException(new RpcProtocolException($"The reply to '{call.Method.Name}' (call {call.Id}) is of the unknown type '{type}'."));
        }
    }
}
