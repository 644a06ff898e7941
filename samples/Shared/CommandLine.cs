namespace RpcGen.Samples;

/// <summary>A parsed command line: words such as <c>client 30</c>, and options with one value each.</summary>
internal sealed class CommandLine
{
    private readonly string _usage;
    private readonly Dictionary<string, string> _options = [];

    public CommandLine(string[] args, string usage, params string[] knownOptions)
    {
        _usage = usage;
        var words = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                words.Add(args[i]);
            }
            else if (!knownOptions.Contains(args[i]))
            {
                throw Wrong($"There is no option {args[i]}");
            }
            else if (i + 1 == args.Length || args[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                throw Wrong($"Option {args[i]} needs a value");
            }
            else if (!_options.TryAdd(args[i], args[++i]))
            {
                throw Wrong($"Option {args[i - 1]} is given twice");
            }
        }

        Words = [.. words];
    }

    /// <summary>The words that are not options.</summary>
    public string[] Words { get; }

    /// <summary>An option's value; null if the option is missing.</summary>
    public string? this[string option] => _options.GetValueOrDefault(option);

    /// <summary>Parses a whole number.</summary>
    public int Number(string word) => int.TryParse(word, out int number) ? number : throw Wrong($"'{word}' is not a whole number");

    /// <summary>Creates the exception for an invalid command line.</summary>
    public UsageException Wrong(string what) => new($"{what}. Usage: {_usage}");
}

/// <summary>The command line is invalid. The message shows the usage.</summary>
internal sealed class UsageException(string message) : Exception(message);
