using System.Collections;
using System.Text;

namespace RpcGen.Transport.InMemory;

/// <summary>What an AMQP table makes of headers: text arrives as UTF-8 bytes, and only what the wire knows may travel.</summary>
internal static class WireHeaders
{
    public static Dictionary<string, object?>? Sent(IReadOnlyDictionary<string, object?>? headers) =>
        headers?.ToDictionary(header => header.Key, header => Sent(header.Value), StringComparer.Ordinal);

    /// <summary>A dictionary of the receiver's own, for it may change it.</summary>
    public static Dictionary<string, object?>? Received(IReadOnlyDictionary<string, object?>? headers) =>
        headers is null ? null : new(headers, StringComparer.Ordinal);

    private static object? Sent(object? value) => value switch
    {
        null or bool or byte or sbyte or short or ushort or int or uint or long or float or double or decimal => value,
        string text => Encoding.UTF8.GetBytes(text),
        byte[] bytes => bytes.Clone(),
        IReadOnlyDictionary<string, object?> table => Sent(table),
        IList list => list.Cast<object?>().Select(Sent).ToList(),
        _ => throw new ArgumentException($"A header of type {value.GetType()} cannot travel: AMQP has no such type."),
    };
}
