using System.Globalization;

namespace RpcGen.Chaos;

/// <summary>The arguments of a run.</summary>
/// <param name="Seconds">How long faults happen.</param>
/// <param name="Seed">Decides which faults happen, in which order, and what callers do. Not when: that is real time.</param>
/// <param name="Clients">How many clients.</param>
/// <param name="Servers">How many servers.</param>
internal sealed record Options(int Seconds, int Seed, int Clients, int Servers)
{
    /// <summary>The names of the faults that happen, separated by commas; null for all.</summary>
    public string? Only { get; private init; }

    /// <summary>Whether a fault happens.</summary>
    public bool Wants(string fault) => Only is null || Only.Split(',', StringSplitOptions.TrimEntries).Contains(fault, StringComparer.Ordinal);

    /// <summary>Reads <c>--seconds</c>, <c>--seed</c>, <c>--clients</c>, <c>--servers</c> and <c>--only</c>.</summary>
    public static Options Parse(string[] arguments)
    {
        var options = new Options(120, 1, 3, 3);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            if (arguments[i] == "--only" && i + 1 < arguments.Length)
            {
                options = options with { Only = arguments[i + 1] };
                continue;
            }

            if (i + 1 == arguments.Length || !int.TryParse(arguments[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value == 0)
            {
                throw new ArgumentException($"{arguments[i]} needs a number above 0.");
            }

            options = arguments[i] switch
            {
                "--seconds" => options with { Seconds = value },
                "--seed" => options with { Seed = value },
                "--clients" => options with { Clients = value },
                "--servers" => options with { Servers = value },
                _ => throw new ArgumentException($"'{arguments[i]}' is not --seconds, --seed, --clients, --servers or --only."),
            };
        }

        return options;
    }
}
