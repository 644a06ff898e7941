using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Server.Running;

/// <summary>
/// Decides which requests go back to their callers instead of running again: those of callers that understand it and wait for
/// an answer. A method that runs at most once is refused instead, and a durable one runs: it does not need its caller.
/// </summary>
/// <param name="handlers">The served methods.</param>
/// <param name="methods">Their names.</param>
internal sealed class SendBackPolicy(IReadOnlyDictionary<string, MethodHandler> handlers, KnownNames methods)
{
    /// <summary>Whether a message, single or batch, goes back.</summary>
    /// <param name="call">The message.</param>
    /// <param name="handler">The handler of a single request; null if it calls no served method.</param>
    public bool Covers(ServerCall call, MethodHandler? handler) =>
        AgainMessages.IsUnderstoodAt(call.Delivery.ReplyTo) && !call.Id.IsEmpty &&
        (call.Kind == MessageKind.Batch ? CoversAll(call.Body.Span) : handler is not null && Covers(handler));

    private static bool Covers(MethodHandler handler) => handler.Method is { IsAtMostOnce: false, IsDurable: false };

    /// <summary>Whether no call of a batch speaks against it. A batch that cannot be read is refused as usual.</summary>
    private bool CoversAll(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new BatchReader(body);
            while (reader.NextEntry())
            {
                reader.ReadId();
                string? method = reader.ReadText(methods);
                reader.EndEntry();
                if (method is not null && handlers.TryGetValue(method, out MethodHandler? handler) && !Covers(handler))
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
