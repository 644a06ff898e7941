using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RpcGen.Transport.RabbitMq;

/// <summary>Writes the data types of AMQP 0-9-1 (section 4.2.5). For each there is a static method that returns the size beforehand.</summary>
internal ref struct AmqpWriter(Span<byte> span)
{
    private readonly Span<byte> _span = span;

    /// <summary>How many bytes have been written.</summary>
    public int Written { get; private set; }

    public static int ShortStringSize(string text)
    {
        int size = Encoding.UTF8.GetByteCount(text);
        return size <= byte.MaxValue
            ? 1 + size
            : throw new ArgumentException($"AMQP allows at most 255 bytes here, not {size}: '{text[..60]}…'.");
    }

    public static int NumberSize(long number)
    {
        int digits = number < 0 ? 2 : 1;
        while ((number /= 10) != 0)
        {
            digits++;
        }

        return 1 + digits;
    }

    public static int TableSize(IReadOnlyDictionary<string, object?> table)
    {
        int size = sizeof(uint);
        foreach ((string name, object? value) in table)
        {
            size += ShortStringSize(name) + 1 + ValueSize(name, value);
        }

        return size;
    }

    public void WriteByte(byte value) => Take(1)[0] = value;

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), value);

    public void WriteShortString(string text)
    {
        int size = Encoding.UTF8.GetBytes(text, _span[(Written + 1)..]);
        Debug.Assert(size <= byte.MaxValue, "ShortStringSize throws for longer texts.");
        _span[Written] = (byte)size;
        Written += 1 + size;
    }

    /// <summary>Writes a number as a short string of digits.</summary>
    public void WriteNumber(long number)
    {
        bool isWritten = number.TryFormat(_span[(Written + 1)..], out int size, default, CultureInfo.InvariantCulture);
        Debug.Assert(isWritten, "The buffer has at least NumberSize bytes left.");
        _span[Written] = (byte)size;
        Written += 1 + size;
    }

    public void WriteTable(IReadOnlyDictionary<string, object?> table)
    {
        Span<byte> length = Take(sizeof(uint));
        int start = Written;
        foreach ((string name, object? value) in table)
        {
            WriteShortString(name);
            WriteValue(name, value);
        }

        BinaryPrimitives.WriteInt32BigEndian(length, Written - start);
    }

    /// <summary>Reserves the next bytes, which the caller must fill.</summary>
    public Span<byte> Take(int size)
    {
        Span<byte> taken = _span.Slice(Written, size);
        Written += size;
        return taken;
    }

    private static int ValueSize(string name, object? value) => value switch
    {
        null => 0,
        string text => sizeof(uint) + Encoding.UTF8.GetByteCount(text),
        byte[] bytes => sizeof(uint) + bytes.Length,
        bool => 1,
        int => sizeof(int),
        long or double => sizeof(long),
        _ => throw Unsupported(name, value),
    };

    private static ArgumentException Unsupported(string name, object value) =>
        new($"Header '{name}' is a {value.GetType()}; headers must be strings, byte[], bool, int, long or double.");

    private void WriteValue(string name, object? value)
    {
        switch (value)
        {
            case null:
                WriteByte((byte)'V');
                break;
            case string text:
                WriteByte((byte)'S');
                Span<byte> length = Take(sizeof(uint));
                int size = Encoding.UTF8.GetBytes(text, _span[Written..]);
                BinaryPrimitives.WriteInt32BigEndian(length, size);
                Written += size;
                break;
            case byte[] bytes:
                WriteByte((byte)'S');
                BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), bytes.Length);
                bytes.CopyTo(Take(bytes.Length));
                break;
            case bool flag:
                WriteByte((byte)'t');
                WriteByte(flag ? (byte)1 : (byte)0);
                break;
            case int number:
                WriteByte((byte)'I');
                BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), number);
                break;
            case long number:
                WriteByte((byte)'l');
                WriteInt64(number);
                break;
            case double number:
                WriteByte((byte)'d');
                BinaryPrimitives.WriteDoubleBigEndian(Take(sizeof(double)), number);
                break;
            default:
                throw Unsupported(name, value);
        }
    }
}
