using System.Numerics;
using RpcGen.Runtime;

namespace RpcGen.Client.Calls;

/// <summary>
/// Turns a call's key (slot and generation) into a correlation id that nobody else can predict, and back. A peer that
/// knows the id of a call can answer or cancel it, so ids must not be guessable. The cipher is Speck64/128 (Beaulieu et al.,
/// 2013), a keyed permutation of 64 bits: ids are unique as long as keys are.
/// </summary>
internal sealed class CallIdCipher
{
    private const int Rounds = 27;
    private readonly uint[] _roundKeys = new uint[Rounds];

    /// <summary>Creates a cipher with a random key.</summary>
    public CallIdCipher(IRandomSource random)
        : this(random.NextBits(), random.NextBits())
    {
    }

    /// <summary>Creates a cipher with a given key.</summary>
    /// <param name="high">The key's words 3 and 2.</param>
    /// <param name="low">The key's words 1 and 0.</param>
    public CallIdCipher(ulong high, ulong low)
    {
        uint key = (uint)low;
        Span<uint> schedule = [(uint)(low >> 32), (uint)high, (uint)(high >> 32)];
        for (uint round = 0; round < Rounds; round++)
        {
            _roundKeys[round] = key;
            ref uint word = ref schedule[(int)(round % 3)];
            word = (BitOperations.RotateRight(word, 8) + key) ^ round;
            key = BitOperations.RotateLeft(key, 3) ^ word;
        }
    }

    /// <summary>The id of a key.</summary>
    public ulong Encrypt(ulong key)
    {
        uint x = (uint)(key >> 32);
        uint y = (uint)key;
        foreach (uint roundKey in _roundKeys)
        {
            x = (BitOperations.RotateRight(x, 8) + y) ^ roundKey;
            y = BitOperations.RotateLeft(y, 3) ^ x;
        }

        return ((ulong)x << 32) | y;
    }

    /// <summary>The key of an id. An id from elsewhere gives a key that belongs to no pending call.</summary>
    public ulong Decrypt(ulong id)
    {
        uint x = (uint)(id >> 32);
        uint y = (uint)id;
        for (int round = Rounds - 1; round >= 0; round--)
        {
            y = BitOperations.RotateRight(y ^ x, 3);
            x = BitOperations.RotateLeft((x ^ _roundKeys[round]) - y, 8);
        }

        return ((ulong)x << 32) | y;
    }
}
