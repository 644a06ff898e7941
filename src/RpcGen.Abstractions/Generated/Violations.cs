using System.Text;

namespace RpcGen.Generated;

/// <summary>
/// The violations that are reported, by path. Paths, messages, their number and their whole text are limited, so that a hostile
/// message causes neither a fault nor an effort much larger than itself. Not thread-safe.
/// </summary>
/// <param name="maxTextBytes">The limit of all paths and messages together, in bytes of UTF-8. The first violation is always kept.</param>
internal sealed class Violations(int maxTextBytes = Violations.MaxTextBytes)
{
    /// <summary>The maximum number of violations.</summary>
    public const int MaxCount = 256;

    /// <summary>The maximum length of one path or message, in characters.</summary>
    public const int MaxTextLength = 1024;

    /// <summary>The maximum size of all paths and messages together, in bytes of UTF-8.</summary>
    public const int MaxTextBytes = 64 * 1024;

    /// <summary>The path of violations that concern no single value.</summary>
    public const string WholePath = "$";

    private const string Cut = "There can be more violations: the list has reached its limit.";

    private readonly Dictionary<string, List<string>> _messages = new(StringComparer.Ordinal);
    private int _room = MaxCount;
    private int _textBytes;

    /// <summary>Whether no further violation is kept.</summary>
    public bool IsFull => _room == 0;

    /// <summary>Whether there is no violation.</summary>
    public bool IsEmpty => _messages.Count == 0;

    /// <summary>The paths that have violations.</summary>
    public IEnumerable<string> Paths => _messages.Keys;

    /// <summary>The limit of the text that answers a message of this size: it grows with the message, but little.</summary>
    public static int TextBytesFor(int messageBytes) => (int)Math.Min(MaxTextBytes, 4096 + (4L * messageBytes));

    /// <summary>Keeps only one more violation.</summary>
    public void StopAfterNext() => _room = Math.Min(_room, 1);

    /// <summary>Adds a violation, unless the list is full.</summary>
    public void Add(string path, string message)
    {
        if (IsFull)
        {
            return;
        }

        path = TextLimit.Shorten(path, MaxTextLength);
        message = TextLimit.Shorten(message, MaxTextLength);
        int bytes = Encoding.UTF8.GetByteCount(path) + Encoding.UTF8.GetByteCount(message);
        if (!IsEmpty && _textBytes + bytes > maxTextBytes)
        {
            _room = 0;
            return;
        }

        _textBytes += bytes;
        _room--;
        Append(path, message);
    }

    /// <summary>Gets the messages by path. If the list is full, it says that there can be more.</summary>
    public Dictionary<string, string[]> ToErrors()
    {
        if (IsFull)
        {
            Append(WholePath, Cut);
        }

        return _messages.ToDictionary(entry => entry.Key, entry => entry.Value.ToArray(), StringComparer.Ordinal);
    }

    private void Append(string path, string message)
    {
        if (!_messages.TryGetValue(path, out List<string>? messages))
        {
            _messages.Add(path, messages = []);
        }

        messages.Add(message);
    }
}
