using System.Globalization;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>Reads the properties of messages with items.</summary>
internal static class ItemMessage
{
    /// <summary>Why the message cannot be read; null if it can.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isRaw">Whether it has bytes instead of JSON.</param>
    public static string? FindProblem(in IncomingMessage message, bool isRaw = false) =>
        message.IsUnreadable ? "a message has unreadable headers, or a body that is too large"
        : !(isRaw ? ContentTypes.IsReadableBytes(message.ContentType, message.ContentEncoding) : ContentTypes.IsReadable(message.ContentType, message.ContentEncoding)) ? $"a message has content type '{message.ContentType}' and encoding '{message.ContentEncoding}', which are not understood"
        : null;

    /// <summary>The number of the first item or byte, or how many there were; null if the message has none.</summary>
    public static long? ReadNumber(in IncomingMessage message) =>
        long.TryParse(message.MessageId, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
