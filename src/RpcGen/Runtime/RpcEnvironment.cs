using Microsoft.Extensions.Logging;

namespace RpcGen.Runtime;

/// <summary>
/// What the runtime takes from its surroundings: time, randomness, a log. All of it comes from here, so that a run can be
/// repeated from a seed.
/// </summary>
/// <param name="Time">The clock and its timers.</param>
/// <param name="Random">Thread-safe randomness for names, keys and delays.</param>
/// <param name="Log">Where the runtime logs.</param>
internal sealed record RpcEnvironment(TimeProvider Time, IRandomSource Random, ILogger Log);

/// <summary>A thread-safe source of random bits.</summary>
internal interface IRandomSource
{
    /// <summary>64 random bits that others cannot predict.</summary>
    ulong NextBits();
}

/// <summary>The operating system's cryptographic generator.</summary>
internal sealed class SystemRandomSource : IRandomSource
{
    public static readonly SystemRandomSource Instance = new();

    public ulong NextBits()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
#pragma warning disable RS0030 // this is what everything else is to ask
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
#pragma warning restore RS0030
        return BitConverter.ToUInt64(bytes);
    }
}
