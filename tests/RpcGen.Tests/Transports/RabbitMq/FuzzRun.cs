using System.Globalization;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>
/// How many inputs a fuzz test takes, and from which seeds: <c>RPCGEN_FUZZ_INPUTS</c> and <c>RPCGEN_FUZZ_SEED</c>. The test's
/// output and each failure name the seed.
/// </summary>
internal sealed class FuzzRun
{
    public FuzzRun(int inputs)
    {
        Inputs = Read("RPCGEN_FUZZ_INPUTS") ?? inputs;
        Seed = Read("RPCGEN_FUZZ_SEED") ?? Environment.TickCount & 0xFFFFFF;
        TestContext.Current.TestOutputHelper?.WriteLine($"RPCGEN_FUZZ_SEED={Seed} RPCGEN_FUZZ_INPUTS={Inputs}");
    }

    public int Inputs { get; }

    public int Seed { get; }

    /// <summary>What a failure says about the input that caused it.</summary>
    public static string Replay(int seed) => $"replay with RPCGEN_FUZZ_SEED={seed} RPCGEN_FUZZ_INPUTS=1";

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : null;
}
