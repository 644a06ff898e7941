using RpcGen.Tests.Streams.LongCalls.Model;
using Xunit;

namespace RpcGen.Tests.Streams.LongCalls;

/// <summary>The tables of both sides of long calls against each other, in random order.</summary>
public sealed class LongCallModelTests
{
    private const int Seeds = 100;

    // The whole run has both builds. Each tries other orders.
#if DEBUG
    private const int FirstSeed = 0;
#else
    private const int FirstSeed = Seeds;
#endif

    [Theory]
    [InlineData(nameof(ModelTrouble.None))]
    [InlineData(nameof(ModelTrouble.Links))]
    [InlineData(nameof(ModelTrouble.Outages))]
    [InlineData(nameof(ModelTrouble.Deaths))]
    [InlineData(nameof(ModelTrouble.Freezes))]
    [InlineData(nameof(ModelTrouble.Cancels))]
    [InlineData(nameof(ModelTrouble.CallerDeath))]
    [InlineData("Duplicates, Links, Cancels")]
    [InlineData("Links, Deaths, Cancels, CallerDeath")]
    [InlineData("Duplicates, Links, Outages, Deaths, Freezes, Cancels, CallerDeath")]
    public void Both_sides_agree_on_each_call(string trouble)
    {
        for (int seed = FirstSeed; seed < FirstSeed + Seeds; seed++)
        {
            Exception? broken = Record.Exception(new LongCallModel(seed, Enum.Parse<ModelTrouble>(trouble)).Run);
            Assert.True(broken is null, $"seed {seed}: {broken}");
        }
    }
}
