using System.Security.Cryptography;
using System.Text;
using RpcGen.Runtime;

namespace RpcGen.Streams.LongCalls;

/// <summary>The names of this process for its peers: another one for each, which stays the same, and which nobody else can find out. Thread-safe.</summary>
/// <param name="random">The source of the secret.</param>
internal sealed class SecretNames(IRandomSource random)
{
    private readonly byte[] _key = [.. BitConverter.GetBytes(random.NextBits()), .. BitConverter.GetBytes(random.NextBits())];

    /// <summary>The name for a peer.</summary>
    /// <param name="peer">What names the peer.</param>
    public string NameFor(string peer) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(peer)).AsSpan(0, 8));
}
