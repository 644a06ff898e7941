using System.Globalization;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>Reads the properties of messages with items.</summary>
internal static class ItemMessage
{
    /// <summary>Why the message cannot be read; null if it can.</summary>
    public static string? FindProblem(in IncomingMessage message) =>
        message.IsUnreadable ? "a message has unreadable headers, or a body that is too large"
        : !ContentTypes.IsReadable(message.ContentType, message.ContentEncoding) ? $"a message has content type '{message.ContentType}' and encoding '{message.ContentEncoding}', which are not understood"
        : null;

    /// <summary>The number of the first item, or how many items there were; null if the message has none.</summary>
    public static long? ReadNumber(in IncomingMessage message) =>
        long.TryParse(message.MessageId, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
