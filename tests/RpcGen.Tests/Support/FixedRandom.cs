using RpcGen.Runtime;

namespace RpcGen.Tests.Support;

/// <summary>Returns the same bits each time.</summary>
internal sealed class FixedRandom(ulong bits) : IRandomSource
{
    public ulong NextBits() => bits;
}
