using System.Globalization;

namespace RpcGen.Documents;

/// <summary>Keys of one part of a document. A key has only letters, digits, dots, hyphens and underscores, and is used once. Names of a service can have any characters.</summary>
internal sealed class DocumentKeys
{
    private const string Legal = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Takes a key that is like a name.</summary>
    public string Take(string name)
    {
        string key = string.Concat(name.Select(static one => Legal.Contains(one, StringComparison.Ordinal) ? one : '_'));
        string unique = key.Length == 0 ? "_" : key;
        for (int i = 2; !_used.Add(unique); i++)
        {
            unique = key + i.ToString(CultureInfo.InvariantCulture);
        }

        return unique;
    }
}
