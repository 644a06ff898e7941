using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RpcGen.Runtime;

/// <summary>
/// The time, randomness and log of the runtime. Nothing reads a clock or random numbers elsewhere, so that a simulation can
/// repeat a run.
/// </summary>
/// <param name="Time">The clock and timers.</param>
/// <param name="Random">Randomness for names, keys and delays. Thread-safe.</param>
/// <param name="Log">The application's log.</param>
internal sealed record RpcEnvironment(TimeProvider Time, IRandomSource Random, ILogger Log)
{
    /// <summary>The log of single calls. It does not throw.</summary>
    public ILogger CallLog { get; init; } = NullLogger.Instance;

    /// <summary>The same with a log that does not throw, for code that must go on.</summary>
    public RpcEnvironment WithGuardedLog() => this with { Log = GuardedLogger.Guard(Log) };
}

/// <summary>A source of random bits. Thread-safe.</summary>
internal interface IRandomSource
{
    /// <summary>Returns 64 unpredictable random bits.</summary>
    ulong NextBits();
}

/// <summary>The operating system's cryptographic random number generator.</summary>
internal sealed class SystemRandomSource : IRandomSource
{
    public static readonly SystemRandomSource Instance = new();

    public ulong NextBits()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
#pragma warning disable RS0030 // the one place that is allowed to
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
#pragma warning restore RS0030
        return BitConverter.ToUInt64(bytes);
    }
}
