using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RpcGen.Transport;

namespace RpcGen.Protocol;

/// <summary>
/// Writes the body of a <c>$batch</c> message: an array with one entry for each call. Arguments and results are given as JSON.
/// </summary>
internal static class BatchWriter
{
    /// <summary>
    /// Adds <c>[id, method, budget in ms, arguments]</c>. A fifth element is the call's <c>traceparent</c>, and a sixth one its
    /// other headers, if it has any.
    /// </summary>
    public static void WriteRequest(
        PooledBuffer body, CorrelationId id, JsonEncodedText method, long budget, ReadOnlySpan<byte> arguments, string? traceParent, IReadOnlyDictionary<string, object?>? headers)
    {
        BeginEntry(body, id);
        body.Write(",\""u8);
        body.Write(method.EncodedUtf8Bytes);
        body.Write("\","u8);
        WriteNumber(body, budget);
        body.Write(","u8);
        body.Write(arguments);
        if (traceParent is not null)
        {
            body.Write(","u8);
            WriteText(body, traceParent);
        }

        if (headers is not null)
        {
            body.Write(traceParent is null ? ",null,"u8 : ","u8);
            WriteHeaders(body, headers);
        }

        body.Write("]"u8);
    }

    /// <summary>Adds <c>[id, result]</c>, <c>[id, problem, "fault"]</c> or <c>[id]</c>. A fourth element is the call's duration in milliseconds, if it was slow.</summary>
    public static void WriteReply(PooledBuffer body, CorrelationId id, ReadOnlySpan<byte> payload, bool isFault, long slowness)
    {
        BeginEntry(body, id);
        if (payload.Length > 0 || slowness > 0)
        {
            body.Write(","u8);
            body.Write(payload.Length > 0 ? payload : "null"u8);
        }

        if (isFault || slowness > 0)
        {
            body.Write(isFault ? ",\"fault\""u8 : ",null"u8);
        }

        if (slowness > 0)
        {
            body.Write(","u8);
            WriteNumber(body, slowness);
        }

        body.Write("]"u8);
    }

    /// <summary>Closes the array.</summary>
    public static void End(PooledBuffer body) => body.Write("]"u8);

    private static void BeginEntry(PooledBuffer body, CorrelationId id)
    {
        body.Write(body.Length == 0 ? "[["u8 : ",["u8);
        if (id.Text is { } text)
        {
            WriteText(body, text);
            return;
        }

        Span<byte> span = body.GetSpan(CorrelationId.NumberLength + 2);
        span[0] = (byte)'"';
        CorrelationId.WriteNumber(id.Number, span[1..]);
        span[CorrelationId.NumberLength + 1] = (byte)'"';
        body.Advance(CorrelationId.NumberLength + 2);
    }

    private static void WriteHeaders(PooledBuffer body, IReadOnlyDictionary<string, object?> headers)
    {
        body.Write("{"u8);
        bool isFirst = true;
        foreach ((string name, object? value) in headers)
        {
            body.Write(isFirst ? ""u8 : ","u8);
            isFirst = false;
            WriteText(body, name);
            body.Write(":"u8);
            WriteText(body, (string)value!);
        }

        body.Write("}"u8);
    }

    /// <summary>Writes a text as JSON. Allocates nothing if no character must be escaped. Text that is no valid Unicode gets replacement characters, as in AMQP headers.</summary>
    private static void WriteText(PooledBuffer body, string text)
    {
        Span<byte> span = body.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length) + 2);
        int length = Encoding.UTF8.GetBytes(text, span[1..]);
        ReadOnlySpan<byte> written = span.Slice(1, length);
        if (JavaScriptEncoder.Default.FindFirstCharacterToEncodeUtf8(written) >= 0)
        {
            var encoded = JsonEncodedText.Encode(written);
            body.Write("\""u8);
            body.Write(encoded.EncodedUtf8Bytes);
            body.Write("\""u8);
            return;
        }

        span[0] = (byte)'"';
        span[length + 1] = (byte)'"';
        body.Advance(length + 2);
    }

    private static void WriteNumber(PooledBuffer body, long number)
    {
        const int maxDigits = 20;
        bool isWritten = number.TryFormat(body.GetSpan(maxDigits), out int written, default, CultureInfo.InvariantCulture);
        Debug.Assert(isWritten, "20 bytes hold any long.");
        body.Advance(written);
    }
}
