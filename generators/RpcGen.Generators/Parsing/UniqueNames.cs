namespace RpcGen.Generators.Parsing;

/// <summary>Gives names that nothing else has in one scope of generated code.</summary>
/// <param name="reserved">Those that something has already.</param>
internal sealed class UniqueNames(IReadOnlyCollection<string> reserved)
{
    /// <summary>A list, for scopes are small: looking through one costs less than making a set.</summary>
    private readonly List<string> _taken = [];

    /// <summary>The name itself, or with the first number from 2 on that makes it unique.</summary>
    public string Take(string name, string suffix = "")
    {
        string unique = name + suffix;
        for (int number = 2; _taken.Contains(unique) || reserved.Contains(unique); number++)
        {
            unique = name + number.ToString(System.Globalization.CultureInfo.InvariantCulture) + suffix;
        }

        _taken.Add(unique);
        return unique;
    }
}
