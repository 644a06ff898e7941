using System.Globalization;

namespace RpcGen.Generators.Text;

/// <summary>Hands out names that are unique in one scope of generated code.</summary>
/// <param name="reserved">Names that the scope already contains.</param>
internal sealed class UniqueNames(IReadOnlyCollection<string> reserved)
{
    /// <summary>A list, because scopes are small: searching it is cheaper than creating a set.</summary>
    private readonly List<string> _taken = [];

    /// <summary>The name with its suffix. If that is taken, a number from 2 on between them makes it unique.</summary>
    public string Take(string name, string suffix = "")
    {
        string unique = name + suffix;
        for (int number = 2; _taken.Contains(unique) || reserved.Contains(unique); number++)
        {
            unique = name + number.ToString(CultureInfo.InvariantCulture) + suffix;
        }

        _taken.Add(unique);
        return unique;
    }
}
