using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Server.Running;

/// <summary>
/// Decides which requests go back to their callers instead of running: those that were delivered before, and those that waited
/// when the server began to consume. Their callers must support this and wait for an answer. A durable request runs, because it
/// does not need its caller. A method that runs at most once is refused if its request was delivered before.
/// </summary>
/// <param name="handlers">The served methods.</param>
/// <param name="methods">Their names.</param>
internal sealed class SendBackPolicy(IReadOnlyDictionary<string, MethodHandler> handlers, KnownNames methods)
{
    /// <summary>Whether a message, single or batch, goes back.</summary>
    /// <param name="call">The message.</param>
    /// <param name="handler">The handler of a single request; null if it calls no served method.</param>
    public bool Covers(ServerCall call, MethodHandler? handler) =>
        call.Delivery is { IsRedelivered: true } or { WasWaiting: true } &&
        AgainMessages.IsUnderstoodAt(call.Delivery.ReplyTo) && !call.Id.IsEmpty &&
        (call.Kind == MessageKind.Batch ? CoversAll(call.Body.Span, call.Delivery.IsRedelivered) : handler is not null && Covers(handler, call.Delivery.IsRedelivered));

    private static bool Covers(MethodHandler handler, bool isRedelivered) => !handler.Method.IsDurable && !(isRedelivered && handler.Method.IsAtMostOnce);

    /// <summary>Whether all calls of a batch can be sent back. A batch that cannot be read is refused as usual.</summary>
    private bool CoversAll(ReadOnlySpan<byte> body, bool isRedelivered)
    {
        try
        {
            var reader = new BatchReader(body);
            while (reader.NextEntry())
            {
                reader.ReadId();
                string? method = reader.ReadText(methods);
                reader.EndEntry();
                if (method is not null && handlers.TryGetValue(method, out MethodHandler? handler) && !Covers(handler, isRedelivered))
                {
                    return false;
                }
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
