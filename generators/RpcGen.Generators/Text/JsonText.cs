using System.Globalization;
using System.Text;

namespace RpcGen.Generators.Text;

/// <summary>A JSON object in the making. Members keep the order in which they were added.</summary>
internal sealed class JsonText
{
    private readonly List<KeyValuePair<string, string>> _members = [];

    /// <summary>Whether the object has no members.</summary>
    public bool IsEmpty => _members.Count == 0;

    /// <summary>Adds a member whose value is JSON already, or replaces it; nothing for null.</summary>
    public void Add(string name, string? json)
    {
        if (json is null)
        {
            return;
        }

        _members.RemoveAll(member => member.Key == name);
        _members.Add(new(name, json));
    }

    /// <summary>Adds a text; nothing for null.</summary>
    public void AddText(string name, string? text) => Add(name, text is null ? null : Quote(text));

    /// <summary>Adds an object unless it is empty.</summary>
    public void AddObject(string name, JsonText value) => Add(name, value.IsEmpty ? null : value.ToString());

    /// <summary>Adds a list unless it is empty.</summary>
    public void AddList(string name, IReadOnlyCollection<string> elements) => Add(name, elements.Count == 0 ? null : $"[{string.Join(",", elements)}]");

    public override string ToString() => $"{{{string.Join(",", _members.Select(member => $"{Quote(member.Key)}:{member.Value}"))}}}";

    /// <summary>A text in JSON. Everything but ASCII is escaped, so that the result does not depend on the encoding of files.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (char c in text)
        {
            if (c is '"' or '\\')
            {
                quoted.Append('\\').Append(c);
            }
            else if (c is >= ' ' and <= '~')
            {
                quoted.Append(c);
            }
            else
            {
                quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A constant of C# in JSON; null for values that JSON cannot express.</summary>
    public static string? Constant(object? value) => value switch
    {
        null => "null",
        string text => Quote(text),
        char c => Quote(c.ToString()),
        bool b => b ? "true" : "false",
        double d => double.IsNaN(d) || double.IsInfinity(d) ? null : d.ToString("R", CultureInfo.InvariantCulture),
        float f => float.IsNaN(f) || float.IsInfinity(f) ? null : f.ToString("R", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };
}
