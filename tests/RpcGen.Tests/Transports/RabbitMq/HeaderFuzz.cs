using System.Buffers.Binary;
using static RpcGen.Tests.Transports.RabbitMq.AmqpBytes;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Makes property lists, most of them damaged. All that it makes follows from its seed.</summary>
internal sealed class HeaderFuzz(int seed)
{
    private static readonly byte[] Types = [.. "SIDTFAbdflstxVBui"u8, .. "?LU\0"u8];
    private static readonly int[] Lengths = [0, 1, 2, 255, 256, 65_535, int.MaxValue, int.MinValue, -1, -5];
    private readonly Random _random = new(seed);

    /// <summary>A list of which nothing is damaged, although decimals and depth can be out of range.</summary>
    public byte[] NextSound()
    {
        int flags = _random.Next(0x10000) & 0xFFFC;
        var list = new List<byte> { (byte)(flags >> 8), (byte)flags };
        for (int property = 0; property < 14; property++)
        {
            if ((flags & (0x8000 >> property)) != 0)
            {
                list.AddRange(Property(property));
            }
        }

        return [.. list];
    }

    public byte[] Next() => NextDamaged(NextSound());

    /// <summary>A table of headers with its length, sound like the lists of <see cref="NextSound"/>.</summary>
    public byte[] NextTable() => Headers();

    /// <summary>A list with up to three damages.</summary>
    public byte[] NextDamaged(byte[] list)
    {
        for (int damages = _random.Next(4); damages > 0; damages--)
        {
            list = Damage(list);
        }

        return list;
    }

    public int NextSize(int limit) => _random.Next(1, limit);

    private byte[] Property(int property) => property switch
    {
        2 => Headers(),
        3 or 4 => [(byte)_random.Next(256)],
        9 => Octets(8),
        _ => ShortString(new string('p', _random.Next(20))),
    };

    private byte[] Headers() => Table([.. Enumerable.Range(0, _random.Next(5)).Select(_ => Entry(Name(), Value(0)))]);

    private string Name() => new('n', _random.Next(1, 12));

    private byte[] Value(int depth)
    {
        byte type = Types[_random.Next(Types.Length - 4)];
        return type switch
        {
            (byte)'V' => [type],
            (byte)'t' or (byte)'b' or (byte)'B' => [type, .. Octets(1)],
            (byte)'s' or (byte)'u' => [type, .. Octets(2)],
            (byte)'I' or (byte)'i' or (byte)'f' => [type, .. Octets(4)],
            (byte)'l' or (byte)'d' or (byte)'T' => [type, .. Octets(8)],
            (byte)'D' => [type, (byte)_random.Next(_random.Next(8) == 0 ? 256 : 29), .. Octets(4)],
            (byte)'F' => Nested(depth, () => [type, .. Table([.. Enumerable.Range(0, _random.Next(3)).Select(_ => Entry(Name(), Value(depth + 1)))])]),
            (byte)'A' => Nested(depth, () => [type, .. Table([.. Enumerable.Range(0, _random.Next(3)).Select(_ => Value(depth + 1))])]),
            _ => [type, .. LongString(new string('v', _random.Next(_random.Next(16) == 0 ? 5_000 : 20)))],
        };
    }

    private byte[] Nested(int depth, Func<byte[]> make) => (depth, _random.Next(40)) switch
    {
        (_, 0) => NestedTables(_random.Next(1, 200)),
        (_, 1) => NestedArrays(_random.Next(1, 200)),
        ( < 4, _) => make(),
        _ => [(byte)'V'],
    };

    private byte[] Damage(byte[] list)
    {
        int at = _random.Next(list.Length);
        switch (_random.Next(7))
        {
            case 0:
                list[at] ^= (byte)(1 << _random.Next(8));
                return list;
            case 1:
                list[at] = (byte)_random.Next(256);
                return list;
            case 2:
                list[at] = Types[_random.Next(Types.Length)];
                return list;
            case 3 when at + 4 <= list.Length:
                BinaryPrimitives.WriteInt32BigEndian(list.AsSpan(at), Lengths[_random.Next(Lengths.Length)] + _random.Next(-1, 2));
                return list;
            case 4 when at >= 2:
                return list[..at];
            case 5 when at >= 2:
                return [.. list[..at], .. Octets(_random.Next(1, 9)), .. list[at..]];
            case 6 when at >= 2:
                return [.. list[..at], .. list[Math.Min(list.Length, at + _random.Next(1, 9))..]];
            default:
                return list;
        }
    }

    private byte[] Octets(int count)
    {
        byte[] octets = new byte[count];
        _random.NextBytes(octets);
        return octets;
    }
}
