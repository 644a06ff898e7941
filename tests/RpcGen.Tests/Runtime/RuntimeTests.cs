using RpcGen.Runtime;

namespace RpcGen.Tests.Runtime;

public sealed class RuntimeTests
{
    private static readonly AsyncLocal<int> Ambient = new();

    [Fact]
    public async Task Ambient_values_do_not_flow_while_suppressed()
    {
        Ambient.Value = 7;
        Task<int> inner;
        using (AmbientFlow.Suppress())
        {
            Assert.Null(AmbientFlow.Suppress()); // suppressed already
            inner = Task.Run(() => Ambient.Value, TestContext.Current.CancellationToken);
        }

        Assert.False(ExecutionContext.IsFlowSuppressed());
        Assert.Equal(0, await inner);
        Assert.Equal(7, await Task.Run(() => Ambient.Value, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Random_bits_differ_in_every_position()
    {
        ulong[] bits = [.. Enumerable.Range(0, 64).Select(_ => SystemRandomSource.Instance.NextBits())];

        Assert.Equal(ulong.MaxValue, bits.Aggregate(0ul, (all, next) => all | next));
        Assert.Equal(0ul, bits.Aggregate(ulong.MaxValue, (all, next) => all & next));
    }
}
