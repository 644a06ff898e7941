using CsCheck;
using RpcGen.Client.Calls;

namespace RpcGen.Tests.Client.Calls;

public sealed class CallIdCipherTests
{
    [Fact]
    public void The_published_test_vector_holds()
    {
        // Speck64/128 in "The Simon and Speck Families of Lightweight Block Ciphers", appendix C.
        var cipher = new CallIdCipher(high: 0x1b1a1918_13121110, low: 0x0b0a0908_03020100);

        Assert.Equal(0x8c6fa548_454e028bUL, cipher.Encrypt(0x3b726574_7475432d));
    }

    [Fact]
    public void Decryption_undoes_encryption() =>
        Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong).Sample((high, low, key) =>
        {
            var cipher = new CallIdCipher(high, low);
            return cipher.Decrypt(cipher.Encrypt(key)) == key;
        });
}
