using System.Globalization;

namespace RpcGen.Tests.Support;

/// <summary>Bounds for what must happen. Only a defect exceeds them, on however busy a machine.</summary>
internal static class Bounds
{
    /// <summary>The bound of an asynchronous unit test, in milliseconds.</summary>
    public const int TestTimeout = 60_000;

    /// <summary>
    /// The bound of one step. Default: 30 s. <c>RPCGEN_TEST_BOUND</c> sets other seconds: mutation testing wants mutants that hang
    /// to fail soon.
    /// </summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(
        double.TryParse(Environment.GetEnvironmentVariable("RPCGEN_TEST_BOUND"), CultureInfo.InvariantCulture, out double seconds) ? seconds : 30);
}
