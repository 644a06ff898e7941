using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace RpcGen.Hosting;

/// <summary>
/// Reads the values of one configuration section: without reflection, so that it can be trimmed, and with a message for
/// every value that can't be read, which names its key and what may stand there.
/// </summary>
internal sealed class SettingsReader(IConfigurationSection section, SettingsProblems problems)
{
    private readonly List<string> _known = [];

    /// <summary>A part of the section that somebody else reads.</summary>
    public void Leave(string key) => _known.Add(key);

    public string? Text(string key)
    {
        _known.Add(key);
        return section[key] is { Length: > 0 } text ? text : null;
    }

    public int? Number(string key) =>
        Read<int>(key, text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null, "a whole number such as 64");

    public bool? Flag(string key) =>
        Read<bool>(key, text => bool.TryParse(text, out bool flag) ? flag : null, "true or false");

    /// <summary>A span of time. A mere number is none: it would mean days.</summary>
    public TimeSpan? Time(string key) =>
        Read<TimeSpan>(
            key,
            text => text.Equals("infinite", StringComparison.OrdinalIgnoreCase) ? Timeout.InfiniteTimeSpan
                : text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time) ? time : null,
            "hours:minutes:seconds such as 00:00:30, or infinite");

    public RpcQueueType? QueueType(string key) =>
        Read<RpcQueueType>(
            key,
            text => Enum.TryParse(text, ignoreCase: true, out RpcQueueType type) && Enum.IsDefined(type) && !char.IsAsciiDigit(text[0]) ? type : null,
            string.Join(" or ", Enum.GetNames<RpcQueueType>()));

    /// <summary>Warns of keys that nobody reads: most likely they are misspelt.</summary>
    public void WarnOfUnknown()
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (!_known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                problems.Warn($"{child.Path} is no setting of RpcGen. Known here: {string.Join(", ", _known)}.");
            }
        }
    }

    private T? Read<T>(string key, Func<string, T?> parse, string form)
        where T : struct
    {
        if (Text(key) is not { } text)
        {
            return null;
        }

        T? value = parse(text.Trim());
        if (value is null)
        {
            problems.Add($"{section.Path}:{key} is '{text}', which can't be read: write {form}.");
        }

        return value;
    }
}
