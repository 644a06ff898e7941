namespace RpcGen.Tests.Support;

/// <summary>Bounds for what must happen: only a defect exceeds them.</summary>
internal static class Bounds
{
    /// <summary>The bound of one step of a unit test.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    /// <summary>The bound of an asynchronous unit test, in milliseconds.</summary>
    public const int TestTimeout = 5000;
}
