namespace RpcGen.Generators.Parsing;

/// <summary>Gives names that nothing else has in one scope of generated code.</summary>
internal sealed class UniqueNames(IEnumerable<string> taken)
{
    private readonly HashSet<string> _taken = new(taken, StringComparer.Ordinal);

    /// <summary>The name itself, or with the first number from 2 on that makes it unique.</summary>
    public string Take(string name, string suffix = "")
    {
        string unique = name + suffix;
        for (int number = 2; !_taken.Add(unique); number++)
        {
            unique = name + number.ToString(System.Globalization.CultureInfo.InvariantCulture) + suffix;
        }

        return unique;
    }
}
