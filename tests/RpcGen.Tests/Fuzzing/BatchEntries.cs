using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RpcGen.Tests.Fuzzing;

/// <summary>Changes the body of one call of a batch, and its length with it: otherwise most changes would only break the lines of the batch.</summary>
internal static class BatchEntries
{
    /// <summary>Changes the body of an entry. A batch that is broken already stays as it is.</summary>
    public static byte[] Change(byte[] message, Func<int, int> choose, Func<byte[], byte[]> change)
    {
        List<Entry>? entries = Read(message);
        if (entries is not { Count: > 0 })
        {
            return message;
        }

        Entry chosen = entries[choose(entries.Count)];
        byte[] body = change(message[chosen.Body]);
        return [.. message[..chosen.Length.Start], .. Encoding.UTF8.GetBytes(body.Length.ToString(CultureInfo.InvariantCulture)), .. message[chosen.Length.End..chosen.Body.Start], .. body, .. message[chosen.Body.End..]];
    }

    /// <summary>The entries; null for a batch that is broken.</summary>
    private static List<Entry>? Read(byte[] message)
    {
        var entries = new List<Entry>();
        for (int at = 0; at < message.Length;)
        {
            int end = Array.IndexOf(message, (byte)'\n', at);
            if (end < 0 || !TryReadLength(message.AsSpan(at..end), out int length, out Range digits) || length >= message.Length - end - 1)
            {
                return null;
            }

            entries.Add(new Entry((at + digits.Start.Value)..(at + digits.End.Value), (end + 1)..(end + 1 + length)));
            at = end + length + 2;
        }

        return entries;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> head, out int length, out Range digits)
    {
        (length, digits) = (0, default);
        try
        {
            var json = new Utf8JsonReader(head);
            if (!json.Read() || !json.Read() || !json.Read() || json.TokenType != JsonTokenType.Number || !json.TryGetInt32(out length) || length < 0)
            {
                return false;
            }

            digits = (int)json.TokenStartIndex..(int)json.BytesConsumed;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Where an entry has its length, and its body.</summary>
    private readonly record struct Entry(Range Length, Range Body);
}
