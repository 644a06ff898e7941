using System.Globalization;
using System.Security.Authentication;
using Microsoft.Extensions.Configuration;

namespace RpcGen.Hosting;

/// <summary>
/// Reads values of one configuration section. It uses no reflection, so that it can be trimmed. For a value that cannot be
/// read, it adds an error that names the key and the expected form.
/// </summary>
internal sealed class SettingsReader(IConfigurationSection section, SettingsProblems problems)
{
    private readonly List<string> _known = [];

    /// <summary>Marks a key as known that is read elsewhere.</summary>
    public void Leave(string key) => _known.Add(key);

    public string? Text(string key)
    {
        _known.Add(key);
        return section[key] is { Length: > 0 } text ? text : null;
    }

    /// <summary>Reads a text that has a meaning when it is empty.</summary>
    public string? AnyText(string key)
    {
        _known.Add(key);
        return section[key];
    }

    public int? Number(string key) =>
        Read<int>(key, text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null, "a whole number such as 64");

    public bool? Flag(string key) =>
        Read<bool>(key, text => bool.TryParse(text, out bool flag) ? flag : null, "true or false");

    /// <summary>Reads a time span. A bare number is refused: <see cref="TimeSpan.Parse(string)"/> would take it for days.</summary>
    public TimeSpan? Time(string key) =>
        Read<TimeSpan>(
            key,
            text => text.Equals("infinite", StringComparison.OrdinalIgnoreCase) ? Timeout.InfiniteTimeSpan
                : text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time) ? time : null,
            "hours:minutes:seconds such as 00:00:30, or infinite");

    /// <summary>Reads a value of an enumeration by its name. A number is refused.</summary>
    public T? Choice<T>(string key)
        where T : struct, Enum =>
        Read<T>(
            key,
            text => Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase) ? Enum.Parse<T>(text, ignoreCase: true) : null,
            string.Join(" or ", Enum.GetNames<T>()));

    /// <summary>Reads versions of TLS.</summary>
    public SslProtocols? Protocols(string key) =>
        Read<SslProtocols>(
            key,
            text => text.Split(',').All(name => IsProtocol(name.Trim())) && Enum.TryParse(text, ignoreCase: true, out SslProtocols parsed) ? parsed : null,
            "Tls12, Tls13, or both with a comma between them");

    /// <summary>Adds a warning for each key that was not read: it is probably misspelt.</summary>
    public void WarnOfUnknown()
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (!_known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                problems.Warn($"{child.Path} is not a setting of RpcGen. Known here: {string.Join(", ", _known)}.");
            }
        }
    }

    private static bool IsProtocol(string name) =>
        name.Equals(nameof(SslProtocols.Tls12), StringComparison.OrdinalIgnoreCase) || name.Equals(nameof(SslProtocols.Tls13), StringComparison.OrdinalIgnoreCase);

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
