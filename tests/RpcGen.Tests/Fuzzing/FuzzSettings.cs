using System.Globalization;

namespace RpcGen.Tests.Fuzzing;

/// <summary>
/// How many messages are tried, and which. <c>RPCGEN_FUZZ_INPUTS</c> sets the number in each direction. <c>RPCGEN_FUZZ_SEED</c>
/// repeats a run, and as <c>SEED:NUMBER</c> the part of it that begins with this message: one message, unless the number is set.
/// </summary>
internal sealed class FuzzSettings
{
    /// <summary>What takes longer never ends.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public FuzzSettings(int defaultInputs)
    {
        string[] seed = Environment.GetEnvironmentVariable("RPCGEN_FUZZ_SEED")?.Split(':') ?? [];
        Seed = seed.Length > 0 ? int.Parse(seed[0], CultureInfo.InvariantCulture) : Environment.TickCount & int.MaxValue;
        First = seed.Length > 1 ? long.Parse(seed[1], CultureInfo.InvariantCulture) : 0;
        Inputs = long.TryParse(Environment.GetEnvironmentVariable("RPCGEN_FUZZ_INPUTS"), CultureInfo.InvariantCulture, out long inputs) ? inputs
            : seed.Length > 1 ? 1
            : defaultInputs;
    }

    public int Seed { get; }

    public long First { get; }

    public long Inputs { get; }

    /// <summary>What repeats a message.</summary>
    public string Describe(long number, FuzzedMessage message) => $"RPCGEN_FUZZ_SEED={Seed}:{number}, {message}";

    /// <summary>What repeats several messages.</summary>
    public string DescribePart(long first, long count) => $"RPCGEN_FUZZ_SEED={Seed}:{first} RPCGEN_FUZZ_INPUTS={count}";
}
