using System.Globalization;

namespace RpcGen.Benchmarks.Surroundings;

/// <summary>A command line: a verb, then options. Options in <paramref name="flags"/> have no value.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _options = [];

    public Arguments(IReadOnlyList<string> words, string[] options, string[] flags)
    {
        for (int i = 0; i < words.Count; i++)
        {
            if (flags.Contains(words[i]))
            {
                _options[words[i]] = "";
            }
            else if (options.Contains(words[i]) && i + 1 < words.Count)
            {
                _options[words[i]] = words[++i];
            }
            else
            {
                throw new ArgumentException($"'{words[i]}' is not an option, or lacks its value. Options: {string.Join(", ", options.Concat(flags))}.");
            }
        }
    }

    public string? this[string option] => _options.GetValueOrDefault(option);

    public bool Has(string flag) => _options.ContainsKey(flag);

    public string[] List(string option, params string[] otherwise) => this[option]?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? otherwise;

    public int Number(string option, int otherwise) => this[option] is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public double Seconds(string option, double otherwise) => this[option] is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
