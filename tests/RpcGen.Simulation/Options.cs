using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RpcGen.Simulation;

/// <summary>The command line.</summary>
internal sealed record Options
{
    /// <summary>The option of a copy of this program whose runtime has points of preemption.</summary>
    public const string Woven = "--woven";

    /// <summary>Names all models.</summary>
    public const string AllModels = "all";

    /// <summary>The command line itself.</summary>
    public IReadOnlyList<string> Arguments { get; private init; } = [];

    /// <summary>Whether threads are preempted within steps.</summary>
    public bool IsPreempting { get; private init; }

    /// <summary>Whether this is the copy with points of preemption.</summary>
    public bool IsWoven { get; private init; }

    /// <summary>How many schedules to run, or orders of each model; null for the default.</summary>
    public int? Schedules { get; private init; }

    /// <summary>How long to run schedules, in seconds; null for a number of schedules.</summary>
    public int? Seconds { get; private init; }

    /// <summary>Whether to leave the schedules out, and run what is run beside them.</summary>
    public bool IsChecks { get; private init; }

    /// <summary>The first seed.</summary>
    public ulong First { get; private init; } = 1;

    /// <summary>The one seed whose history is to be printed; null for many seeds.</summary>
    public ulong? Seed { get; private init; }

    /// <summary>Faults of the plan that are left out.</summary>
    public IReadOnlySet<int> WithoutFaults { get; private init; } = new HashSet<int>();

    /// <summary>Callers of the plan that are left out.</summary>
    public IReadOnlySet<int> WithoutCallers { get; private init; } = new HashSet<int>();

    /// <summary>Callers of streams of the plan that are left out.</summary>
    public IReadOnlySet<int> WithoutStreamers { get; private init; } = new HashSet<int>();

    /// <summary>A planted bug; null for none.</summary>
    public string? Bug { get; private init; }

    /// <summary>Whether to print nothing but the hash of the histories.</summary>
    public bool IsHash { get; private init; }

    /// <summary>The model of a component to explore instead of schedules, or <see cref="AllModels"/>; null for none.</summary>
    public string? Model { get; private init; }

    /// <summary>The most preemptions of a model's threads.</summary>
    public int Preemptions { get; private init; } = 2;

    /// <summary>Whether to stop at the first schedule that finds the planted bug.</summary>
    public bool IsHunt { get; private init; }

    /// <summary>Reads the command line.</summary>
    public static bool TryParse(string[] args, [NotNullWhen(true)] out Options? options, [NotNullWhen(false)] out string? mistake)
    {
        options = new Options { Arguments = args };
        mistake = null;
        for (int place = 0; place < args.Length; place++)
        {
            string name = args[place];
            if (SetFlag(options, name) is { } set)
            {
                options = set;
                continue;
            }

            string? value = ++place < args.Length ? args[place] : null;
            options = value is null ? null : Set(options, name, value);
            if (options is null)
            {
                mistake = $"{name} {value} is not understood. Options: --schedules N, --seconds N, --first SEED, --seed SEED, --without-faults 0,2, --without-callers 1, --without-streamers 1, --bug NAME, --preempting, --model NAME|all, --preemptions N, --checks, --hunt, --hash.";
                return false;
            }
        }

        return true;
    }

    private static Options? SetFlag(Options options, string name) => name switch
    {
        "--hash" => options with { IsHash = true },
        "--hunt" => options with { IsHunt = true },
        "--checks" => options with { IsChecks = true },
        "--preempting" => options with { IsPreempting = true },
        Woven => options with { IsPreempting = true, IsWoven = true },
        _ => null,
    };

    private static Options? Set(Options options, string name, string value)
    {
        ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
        return name switch
        {
            "--schedules" when number is > 0 and <= int.MaxValue => options with { Schedules = (int)number },
            "--seconds" when number is > 0 and <= int.MaxValue => options with { Seconds = (int)number },
            "--first" => options with { First = number },
            "--seed" => options with { Seed = number },
            "--without-faults" => options with { WithoutFaults = Numbers(value) },
            "--without-callers" => options with { WithoutCallers = Numbers(value) },
            "--without-streamers" => options with { WithoutStreamers = Numbers(value) },
            "--model" => options with { Model = value, IsPreempting = true },
            "--preemptions" when number <= 10 => options with { Preemptions = (int)number },
            "--bug" => options with { Bug = value },
            _ => null,
        };
    }

    private static HashSet<int> Numbers(string list) =>
        [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
}
