using RpcGen.Tests.Client.Support;

namespace RpcGen.Tests.Client.Calls;

/// <summary>The base of tests of calls that outlive a link or a publish.</summary>
public abstract class LinkTest : ClientFixture
{
    private protected static RpcCallOptions Patient { get; } = new() { Timeout = TimeSpan.FromHours(1) };

    private protected static TestMethod<int> Idempotent { get; } = new() { Idempotent = true };
}
