using RpcGen.Generated;
using RpcGen.Tests.Client.Support;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Client.OneWay;

/// <summary>The base of tests of one-way calls: their methods, and a way to run them.</summary>
public abstract class OneWayTest : ClientFixture
{
    private protected static TestMethod<RpcVoid> Send { get; } = new("Send") { OneWay = true };

    private protected static TestMethod<RpcVoid> SendIdempotent { get; } = new("Send") { OneWay = true, Idempotent = true };

    private protected static TestMethod<RpcVoid> Unconfirmed { get; } = new("Tell") { OneWay = true, Confirmed = false };

    private protected static TestMethod<RpcVoid> Broadcast { get; } = new("Shout") { OneWay = true, Broadcast = true, Confirmed = false };

    private protected static RpcCallOptions Second { get; } = new() { Timeout = TimeSpan.FromSeconds(1) };

    private protected static Task Ends(Task task) => task.WaitAsync(Bounds.Soon, Cancel);

    private protected Task Run(TestMethod<RpcVoid> method, RpcCallOptions? options = null) =>
        Caller(method).CallVoidAsync(options ?? RpcCallOptions.None, 1, CancellationToken.None).AsTask();
}
