using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RpcGen.Transport;

namespace RpcGen.Protocol;

/// <summary>
/// Writes the body of a <c>$batch</c> message: for each call a head, which is a JSON array on a line of its own, and a line with the
/// call's arguments or result, which are given as JSON. <see cref="BatchReader"/> reads it.
/// </summary>
internal static class BatchWriter
{
    /// <summary>Ends a head, and a body. JSON as it is written here has no line breaks outside of the bodies.</summary>
    public const byte LineEnd = (byte)'\n';

    /// <summary>
    /// Adds an entry with the head <c>[id, length, method, budget in ms]</c>. A fifth element is the call's <c>traceparent</c>, and a
    /// sixth one its other headers, if it has any.
    /// </summary>
    public static void WriteRequest(
        PooledBuffer message, CorrelationId id, JsonEncodedText method, long budget, ReadOnlySpan<byte> arguments, string? traceParent, IReadOnlyDictionary<string, object?>? headers)
    {
        BeginHead(message, id, arguments.Length);
        message.Write(",\""u8);
        message.Write(method.EncodedUtf8Bytes);
        message.Write("\","u8);
        WriteNumber(message, budget);
        if (traceParent is not null)
        {
            message.Write(","u8);
            WriteText(message, traceParent);
        }

        if (headers is not null)
        {
            message.Write(traceParent is null ? ",null,"u8 : ","u8);
            WriteHeaders(message, headers);
        }

        EndEntry(message, arguments);
    }

    /// <summary>
    /// Adds an entry with the head <c>[id, length]</c> or <c>[id, length, "fault"]</c>. A fourth element is the call's duration in
    /// milliseconds, if it was slow.
    /// </summary>
    public static void WriteReply(PooledBuffer message, CorrelationId id, ReadOnlySpan<byte> payload, bool isFault, long slowness)
    {
        BeginHead(message, id, payload.Length);
        if (isFault || slowness > 0)
        {
            message.Write(isFault ? ",\"fault\""u8 : ",null"u8);
        }

        if (slowness > 0)
        {
            message.Write(","u8);
            WriteNumber(message, slowness);
        }

        EndEntry(message, payload);
    }

    private static void BeginHead(PooledBuffer message, CorrelationId id, int length)
    {
        message.Write("["u8);
        if (id.Text is { } text)
        {
            WriteText(message, text);
        }
        else
        {
            Span<byte> span = message.GetSpan(CorrelationId.NumberLength + 2);
            span[0] = (byte)'"';
            CorrelationId.WriteNumber(id.Number, span[1..]);
            span[CorrelationId.NumberLength + 1] = (byte)'"';
            message.Advance(CorrelationId.NumberLength + 2);
        }

        message.Write(","u8);
        WriteNumber(message, length);
    }

    private static void EndEntry(PooledBuffer message, ReadOnlySpan<byte> body)
    {
        Span<byte> span = message.GetSpan(body.Length + 3);
        span[0] = (byte)']';
        span[1] = LineEnd;
        body.CopyTo(span[2..]);
        span[body.Length + 2] = LineEnd;
        message.Advance(body.Length + 3);
    }

    private static void WriteHeaders(PooledBuffer message, IReadOnlyDictionary<string, object?> headers)
    {
        message.Write("{"u8);
        bool isFirst = true;
        foreach ((string name, object? value) in HeaderTables.Concrete(headers))
        {
            message.Write(isFirst ? ""u8 : ","u8);
            isFirst = false;
            WriteText(message, name);
            message.Write(":"u8);
            WriteText(message, (string)value!);
        }

        message.Write("}"u8);
    }

    /// <summary>Writes a text as JSON. Allocates nothing if no character must be escaped. Text that is no valid Unicode gets replacement characters, as in AMQP headers.</summary>
    private static void WriteText(PooledBuffer message, string text)
    {
        Span<byte> span = message.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length) + 2);
        int length = Encoding.UTF8.GetBytes(text, span[1..]);
        ReadOnlySpan<byte> written = span.Slice(1, length);
        if (JavaScriptEncoder.Default.FindFirstCharacterToEncodeUtf8(written) >= 0)
        {
            var encoded = JsonEncodedText.Encode(written);
            message.Write("\""u8);
            message.Write(encoded.EncodedUtf8Bytes);
            message.Write("\""u8);
            return;
        }

        span[0] = (byte)'"';
        span[length + 1] = (byte)'"';
        message.Advance(length + 2);
    }

    private static void WriteNumber(PooledBuffer message, long number)
    {
        const int maxDigits = 20;
        bool isWritten = number.TryFormat(message.GetSpan(maxDigits), out int written, default, CultureInfo.InvariantCulture);
        Debug.Assert(isWritten, "20 bytes hold any long.");
        message.Advance(written);
    }
}
